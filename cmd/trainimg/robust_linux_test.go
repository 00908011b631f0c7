package main

import (
	"bytes"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// draw makes a folder d of pictures of three classes, count of each, with a
// network beside it.
func draw(t *testing.T, dir string, count int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "net.json"), []byte(network), 0o666); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "d")
	for c := range 3 {
		class := filepath.Join(dir, strconv.Itoa(c))
		if err := os.MkdirAll(class, 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range count {
			var b bytes.Buffer
			if err := png.Encode(&b, shape(rand.New(rand.NewPCG(uint64(c), uint64(i))), 16, c)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(class, fmt.Sprintf("%03d.png", i)), b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// trainimg prepares the command in a folder of its own, with what it says in
// the buffer.
func trainimg(t *testing.T, dir string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command("trainimg", args...)
	said := &bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, said, said
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, ".cache"))
	return cmd, said
}

func mustTrain(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd, said := trainimg(t, dir, args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("trainimg %s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return said.String()
}

func sameModel(t *testing.T, a, b string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join(a, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(b, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s in %s and in %s differ", modelFile, a, b)
	}
}

// lasting is a run of 20 epochs of a network that has all that a state is made
// of, on pictures of three sizes.
var lasting = []string{"d", "--arch", "net.json", "--imgsz", "12", "--epochs", "20", "--progressive", "6,9,12", "--ema", "0.99", "--batch", "16", "--bn-estimate", "64"}

const network = `[{"kind":"conv","filters":4,"kernel":3,"pad":1,"no_bias":true},{"kind":"batchnorm"},{"kind":"relu"},{"kind":"globalpool","mode":"avgmax"},{"kind":"dropout","p":0.1},{"kind":"dense","units":3},{"kind":"softmax"}]`

func TestKilledTwentyTimes(t *testing.T) {
	dir := t.TempDir()
	draw(t, dir, 60)
	mustTrain(t, dir, append(lasting, "--out", "warm", "--epochs", "3")...) // fills the cache
	start := time.Now()
	mustTrain(t, dir, append(lasting, "--out", "whole")...)
	took := time.Since(start)

	cut := filepath.Join(dir, "cut")
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano()))) // any moments will do
	kills, begun := 0, 0
	for kills < 20 {
		args := []string{"--resume", "cut", "--save-every", "1ms"}
		if !isRun(cut) { // killed before the first step
			if err := os.RemoveAll(cut); err != nil {
				t.Fatal(err)
			}
			begun++
			args = append(lasting, "--out", "cut", "--save-every", "1ms")
		}
		cmd, said := trainimg(t, dir, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			sameModel(t, filepath.Join(dir, "whole"), cut)
			if err := os.RemoveAll(cut); err != nil { // and the next
				t.Fatal(err)
			}
		case <-time.After(time.Duration(r.Int64N(int64(took * 2 / 3)))):
			cmd.Process.Kill()
			<-ended
			kills++
		}
	}
	if isRun(cut) {
		mustTrain(t, dir, "--resume", "cut")
		sameModel(t, filepath.Join(dir, "whole"), cut)
	}
	t.Logf("a run of %v: killed %d times, begun %d times", took.Round(time.Millisecond), kills, begun)
}

// Of two checkpoints one may be damaged.
func TestDamagedCheckpoint(t *testing.T) {
	dir := t.TempDir()
	draw(t, dir, 60)
	mustTrain(t, dir, append(lasting, "--out", "whole")...)
	mustTrain(t, dir, append(lasting, "--out", "often", "--save-every", "50ms")...)
	files := []string{filepath.Join(dir, "often", checkpointFiles[0]), filepath.Join(dir, "often", checkpointFiles[1])}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(b)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(name, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "often", modelFile)); err != nil {
			t.Fatal(err)
		}
		if said := mustTrain(t, dir, "--resume", "often"); !strings.Contains(said, "going on from the other checkpoint") {
			t.Errorf("%s damaged: not said in\n%s", name, said)
		}
		sameModel(t, filepath.Join(dir, "whole"), filepath.Join(dir, "often"))
		if _, _, err := readOne(name); err != nil {
			t.Errorf("the damaged one was not replaced by the next: %v", err)
		}
	}
	for _, name := range files {
		if err := os.Truncate(name, 1000); err != nil {
			t.Fatal(err)
		}
	}
	cmd, said := trainimg(t, dir, "--resume", "often")
	if err := cmd.Run(); err == nil || !strings.Contains(said.String(), checkpointFiles[0]) {
		t.Errorf("both damaged: %v\n%s", err, said)
	}
}

// A disk with room for one checkpoint and a half keeps the first and the run
// goes on; at the end it waits for room.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	draw(t, dir, 60)
	mustTrain(t, dir, append(lasting, "--out", "whole")...)
	size := int64(0)
	for _, name := range []string{checkpointFiles[0], splitFile, argsFile} {
		st, err := os.Stat(filepath.Join(dir, "whole", name))
		if err != nil {
			t.Fatal(err)
		}
		size += st.Size()
	}
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", disk, "tmpfs", 0, fmt.Sprintf("size=%d", size*3/2)); err != nil {
		t.Skipf("no small file system to be had: %v", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	cmd, said := trainimg(t, dir, append(lasting, "--out", "disk/run", "--save-every", "1ms")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	run := filepath.Join(disk, "run")
	for since := time.Now(); ; time.Sleep(20 * time.Millisecond) { // until it waits for room
		if b, err := os.ReadFile(filepath.Join(run, metricsFile)); err == nil && bytes.Count(b, []byte("\n")) == 21 {
			break
		}
		if time.Since(since) > time.Minute {
			t.Fatalf("no end in sight\n%s", said)
		}
	}
	if _, _, err := readOne(filepath.Join(run, checkpointFiles[0])); err != nil {
		t.Errorf("the first checkpoint was not kept: %v", err)
	}
	time.Sleep(100 * time.Millisecond)
	if err := syscall.Mount("none", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{"no space left on device; the run goes on", "make room and it goes on"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q was not said in\n%s", want, said)
		}
	}
	sameModel(t, filepath.Join(dir, "whole"), run)
}

// SIGTERM and SIGHUP save and say how to go on, as Ctrl-C does, whatever the
// run is at.
func TestTerminated(t *testing.T) {
	dir := t.TempDir()
	draw(t, dir, 60)
	mustTrain(t, dir, append(lasting, "--out", "whole")...)
	for i, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		out := fmt.Sprint("cut", i)
		cmd, said := trainimg(t, dir, append(lasting, "--out", out)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for since := time.Now(); !isRun(filepath.Join(dir, out)) && time.Since(since) < time.Minute; {
			time.Sleep(5 * time.Millisecond)
		}
		cmd.Process.Signal(signal)
		err := cmd.Wait()
		if cmd.ProcessState.ExitCode() != 143 || !strings.Contains(said.String(), "trainimg --resume "+out) {
			t.Errorf("%v: %v, want exit code 143 and how to go on\n%s", signal, err, said)
		}
		mustTrain(t, dir, "--resume", out)
		sameModel(t, filepath.Join(dir, "whole"), filepath.Join(dir, out))
	}
}
