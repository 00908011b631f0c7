package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"classify": main})
}

// TestScripts runs testdata/script, one file per promise; see the commands below.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			return writeModel(e.WorkDir+"/m.safetensors", "light", "dark")
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"gray": gray, "grays": grays, "code": code, "cut": cut, "joined": joined,
			"files": files, "partition": partition, "mkfile": mkfile, "mkmodel": mkmodel,
			"head": head, "half": half, "append": appendOut, "joinfiles": joinFiles, "readlink": readlink,
		},
	})
}

// code N args… runs classify and checks its exit code; N may be "any".
func code(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("classify", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if args[0] != "any" && got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// mkmodel FILE CLASS… writes a model as writeModel does.
func mkmodel(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(writeModel(ts.MkAbs(args[0]), args[1:]...))
}

// gray FILE LEVEL writes a picture of 8×8 pixels of that grey, a JPEG or PNG by
// its name, which is a Go string literal without its quotes.
func gray(ts *testscript.TestScript, neg bool, args []string) {
	level, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(unquote(ts, args[0])), grayFile(ts, args[0], level), 0o666))
}

func grayFile(ts *testscript.TestScript, name string, level int) []byte {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = uint8(level)
	}
	img.SetGray(3, 3, color.Gray{uint8(level)})
	var b bytes.Buffer
	if strings.HasSuffix(name, ".jpg") {
		ts.Check(jpeg.Encode(&b, img, nil))
	} else {
		ts.Check(png.Encode(&b, img))
	}
	return b.Bytes()
}

// grays DIR N LIST writes N pictures into DIR and their names, in order, into
// LIST. They differ in size, so that they are not done in order.
func grays(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o777))
	var list strings.Builder
	for i := range n {
		name := fmt.Sprintf("%s/%05d.png", args[0], i)
		side := 1 + (i*37)%97
		img := image.NewGray(image.Rect(0, 0, side, side))
		for k := range img.Pix {
			img.Pix[k] = uint8(i)
		}
		var b bytes.Buffer
		ts.Check(png.Encode(&b, img))
		ts.Check(os.WriteFile(ts.MkAbs(name), b.Bytes(), 0o666))
		list.WriteString(name + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(list.String()), 0o666))
}

// cut FILE N keeps the first N bytes.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// head N FILE TO keeps the first N lines.
func head(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Join(lines(ts, args[1])[:n], "\n")+"\n"), 0o666))
}

// half FILE N TO keeps N lines and half of the next.
func half(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	l := lines(ts, args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Join(l[:n], "\n")+"\n"+l[n][:len(l[n])/2]), 0o666))
}

// append FILE args… is classify args… >> FILE.
func appendOut(ts *testscript.TestScript, neg bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY|os.O_APPEND, 0)
	ts.Check(err)
	defer f.Close()
	cmd := exec.Command("classify", args[1:]...)
	cmd.Dir, cmd.Stdout = ts.MkAbs("."), f
	ts.Check(cmd.Run())
}

// joinfiles A B TO is cat A B > TO.
func joinFiles(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o666))
}

// readlink FILE TARGET checks where a link leads.
func readlink(ts *testscript.TestScript, neg bool, args []string) {
	to, err := os.Readlink(ts.MkAbs(args[0]))
	ts.Check(err)
	if to != args[1] {
		ts.Fatalf("%s leads to %s, want %s", args[0], to, args[1])
	}
}

// mkfile FILE TEXT writes TEXT; both are Go string literals without quotes.
func mkfile(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(unquote(ts, args[0])), []byte(unquote(ts, args[1])), 0o666))
}

// joined FILE END NAME… writes a list of names, each with END behind it.
func joined(ts *testscript.TestScript, neg bool, args []string) {
	var b strings.Builder
	for _, name := range args[2:] {
		b.WriteString(unquote(ts, name) + unquote(ts, args[1]))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

// files ROWS LIST writes the names in JSON lines to LIST, one a line, quoted where
// they would not fit one.
func files(ts *testscript.TestScript, neg bool, args []string) {
	var list strings.Builder
	for _, row := range lines(ts, args[0]) {
		var r jsonFile
		ts.Check(json.Unmarshal([]byte(row), &r))
		if r.Bytes != nil {
			r.File = string(r.Bytes)
		}
		if q := strconv.QuoteToASCII(r.File); q != `"`+r.File+`"` {
			r.File = q
		}
		list.WriteString(r.File + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(list.String()), 0o666))
}

// partition WHOLE PART… checks that each line of WHOLE is in one PART, once, in
// the same order, and nothing else is; and that no part is empty.
func partition(ts *testscript.TestScript, neg bool, args []string) {
	var parts [][]string
	for _, p := range args[1:] {
		if parts = append(parts, lines(ts, p)); len(lines(ts, p)) == 0 {
			ts.Fatalf("%s is empty", p)
		}
	}
	for _, row := range lines(ts, args[0]) {
		i := slices.IndexFunc(parts, func(p []string) bool { return len(p) > 0 && p[0] == row })
		if i < 0 {
			ts.Fatalf("%s is not next in any part", row)
		}
		parts[i] = parts[i][1:]
	}
	for i, p := range parts {
		if len(p) > 0 {
			ts.Fatalf("%s has %q too", args[1+i], p[0])
		}
	}
}

func lines(ts *testscript.TestScript, file string) []string {
	return strings.Split(strings.TrimSuffix(ts.ReadFile(file), "\n"), "\n")
}

func unquote(ts *testscript.TestScript, s string) string {
	u, err := strconv.Unquote(`"` + s + `"`)
	ts.Check(err)
	return u
}
