/* sgemm of OpenBLAS for the shapes of internal/simd/blas32's benchmark, printed
   as Go benchmarks are.  cc -O2 openblas.c -lopenblas -o openblas */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cblas.h>
extern void openblas_set_num_threads(int);
extern char *openblas_get_config(void);
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
static int cmp(const void *a, const void *b) { double x = *(double *)a - *(double *)b; return (x > 0) - (x < 0); }
int main(void) {
	static const int shapes[][3] = {{512, 512, 512}, {128, 784, 512}, {32, 288, 1024}, {16, 150, 100}}; /* m k n */
	printf("# %s\n", openblas_get_config());
	for (int threads = 1; threads <= 2; threads++) {
		openblas_set_num_threads(threads);
		for (int s = 0; s < 4; s++) {
			int m = shapes[s][0], k = shapes[s][1], n = shapes[s][2];
			float *a = malloc(4 * m * k), *b = malloc(4 * k * n), *c = malloc(4 * m * n);
			for (int i = 0; i < m * k; i++) a[i] = i % 7 - 3;
			for (int i = 0; i < k * n; i++) b[i] = i % 5 - 2;
			double flop = 2.0 * m * k * n;
			int reps = 1 + (int)(5e8 / flop);
			double rate[15];
			for (int r = 0; r < 15; r++) {
				double t = now();
				for (int i = 0; i < reps; i++)
					cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
				rate[r] = reps * flop / (now() - t) * 1e-9;
			}
			qsort(rate, 15, sizeof *rate, cmp);
			printf("BenchmarkSgemm/%dx%dx%d/threads=%d 1 %.2f GFLOP/s\n", m, k, n, threads, rate[7]);
			free(a), free(b), free(c);
		}
	}
	return 0;
}
