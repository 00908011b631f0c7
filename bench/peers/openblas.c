/* sgemm of OpenBLAS on one shape, printed as a Go benchmark is.
   cc -O2 openblas.c -lopenblas -o openblas; ./openblas M K N THREADS */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cblas.h>
extern void openblas_set_num_threads(int);
extern char *openblas_get_config(void);
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
static int cmp(const void *a, const void *b) { double x = *(double *)a - *(double *)b; return (x > 0) - (x < 0); }
int main(int argc, char **argv) {
	if (argc != 5) return fprintf(stderr, "usage: openblas M K N THREADS\n"), 2;
	int m = atoi(argv[1]), k = atoi(argv[2]), n = atoi(argv[3]), threads = atoi(argv[4]);
	printf("# %s\n", openblas_get_config());
	openblas_set_num_threads(threads);
	float *a = malloc(4 * m * k), *b = malloc(4 * k * n), *c = malloc(4 * m * n);
	for (int i = 0; i < m * k; i++) a[i] = i % 7 - 3;
	for (int i = 0; i < k * n; i++) b[i] = i % 5 - 2;
	double flop = 2.0 * m * k * n, rate[11];
	int reps = 1 + (int)(5e8 / flop);
	for (int r = 0; r < 11; r++) {
		double t = now();
		for (int i = 0; i < reps; i++)
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
		rate[r] = reps * flop / (now() - t) * 1e-9;
	}
	qsort(rate, 11, sizeof *rate, cmp);
	printf("BenchmarkSgemm/%dx%dx%d/threads=%d 1 %.2f GFLOP/s\n", m, k, n, threads, rate[5]);
	return 0;
}
