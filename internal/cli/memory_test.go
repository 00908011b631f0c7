package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]size{"512M": 512 << 20, "4g": 4 << 30, "1.5GiB": 3 << 29, "100000k": 100000 << 10, "268435456": 1 << 28} {
		var s size
		if err := s.Set(text); err != nil || s != want {
			t.Errorf("%s: %d, %v, want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "M", "63M", "-4G", "4X", "4GG", "nan", "1e30G"} {
		if err := new(size).Set(text); err == nil {
			t.Errorf("%q is a size", text)
		}
	}
}

func TestCoarse(t *testing.T) {
	for n, want := range map[int64]int64{0: 0, 3: 3, 4: 4, 7: 7, 9: 8, 1000: 896, 1024: 1024, 1279: 1024, 1280: 1280} {
		if got := coarse(n); got != want {
			t.Errorf("%d: %d, want %d", n, got, want)
		}
	}
}

// TestFree: of what is available and what a container leaves, the less.
func TestFree(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"another system", nil, 0},
		{"no container", map[string]string{"proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable:    1000000 kB\n", "proc/self/cgroup": "0::/\n"}, 1000000 << 10},
		{"v2", map[string]string{"proc/meminfo": "MemAvailable: 1000000 kB", "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "300000000\n", "sys/fs/cgroup/a/b/memory.current": "100000000\n"}, 200000000},
		{"v2 inside", map[string]string{"proc/meminfo": "MemAvailable: 1000000 kB", "proc/self/cgroup": "0::/../x\n", "sys/fs/cgroup/memory.max": "300000000"}, 300000000},
		{"v2 without a limit", map[string]string{"proc/meminfo": "MemAvailable: 1000000 kB", "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n"}, 1000000 << 10},
		{"v1", map[string]string{"proc/meminfo": "MemAvailable: 1000000 kB", "proc/self/cgroup": "5:cpu:/\n9:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "500000000", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, 500000000},
		{"v2 with files cached", map[string]string{"proc/meminfo": "MemAvailable: 1000000 kB", "proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": "300000000", "sys/fs/cgroup/memory.current": "250000000", "sys/fs/cgroup/memory.stat": "anon 50000000\nfile 200000000\n"}, 250000000},
		{"full", map[string]string{"proc/meminfo": "MemAvailable: 1000000 kB", "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "5", "sys/fs/cgroup/memory.current": "5"}, least},
	} {
		root := t.TempDir()
		for name, text := range test.files {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if got := free(root); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}
