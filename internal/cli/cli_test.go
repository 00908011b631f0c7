package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// try runs a small command that does do.
func try(t *testing.T, ctx context.Context, do error, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var common Common
	var size float64
	format, topk := "", 5
	root := &cobra.Command{
		Use: "demo FILE… [flags]", Short: "demo shows things", Example: "  demo a.png", Long: "More.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := Assignment(cmd, args[0]); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%v %s %d %d\n", args, format, topk, common.Threads)
			return do
		},
	}
	common.AddTo(root)
	AddChoice(root, root.Flags(), &format, "format", "how to write: %s", "text", "json")
	AddCount(root.Flags(), &topk, 1, "topk", "k", "give the `N` most probable classes")
	root.Flags().Float64Var(&size, "size", 1, "size")
	app := App{
		Root: root, Exits: []int{OK, Failure, Usage},
		Aliases: map[string]string{"workers": "threads"},
		Foreign: map[string]string{"device": "leave it out"},
	}
	var out, errs bytes.Buffer
	code = app.Run(ctx, args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		out  string // all of stdout
		err  string // all of stderr
	}{
		{"a.png --format json -k 3 --threads 2", OK, "[a.png] json 3 2\n", ""},
		{"--workers 4 a.png", OK, "[a.png] text 5 4\n", ""},
		{"", Usage, "", "demo: requires at least 1 arg(s), only received 0\n  hint: demo --help shows examples\n"},
		{"a --topkk 3", Usage, "", "demo: unknown flag --topkk\n  hint: did you mean --topk?\n"},
		{"a --fromat json", Usage, "", "demo: unknown flag --fromat\n  hint: did you mean --format?\n"},
		{"a --work 3", Usage, "", "demo: unknown flag --work\n  hint: demo --help lists the flags\n"},
		{"a --device cpu", Usage, "", "demo: unknown flag --device\n  hint: leave it out\n"},
		{"a -topk 3", Usage, "", "demo: unknown flag -topk\n  hint: did you mean --topk?\n"},
		{"a -x", Usage, "", "demo: unknown flag -x\n  hint: demo --help lists the flags\n"},
		{"a --format xml", Usage, "", "demo: --format: got \"xml\", want text or json\n  hint: demo --help lists the flags\n"},
		{"a --topk 0", Usage, "", "demo: --topk: got \"0\", want a number, 1 or more\n  hint: demo --help lists the flags\n"},
		{"a --topk 1e3", Usage, "", "demo: --topk: got \"1e3\", want a number, 1 or more\n  hint: demo --help lists the flags\n"},
		{"a --size big", Usage, "", "demo: --size: got \"big\", want a number\n  hint: demo --help lists the flags\n"},
		{"a --topk", Usage, "", "demo: --topk needs a value\n  hint: --topk N: give the N most probable classes\n"},
		{"topk=3", Usage, "", "demo: \"topk=3\" is neither a file nor a flag\n  hint: write --topk 3\n"},
		{"a=3", OK, "[a=3] text 5 0\n", ""},
	} {
		code, out, errs := try(t, t.Context(), nil, strings.Fields(c.args)...)
		if code != c.code || out != c.out || errs != c.err {
			t.Errorf("demo %s: got %d, %q, %q\nwant %d, %q, %q", c.args, code, out, errs, c.code, c.out, c.err)
		}
	}
}

func TestErrorsBecomeExitCodes(t *testing.T) {
	stopped, stop := context.WithCancelCause(t.Context())
	stop(signalled{os.Interrupt})
	ended, end := context.WithCancelCause(t.Context())
	end(signalled{syscall.SIGTERM})
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code int
		say  string
	}{
		{t.Context(), errors.New("no luck"), Failure, "demo: no luck\n  hint: demo --help shows examples\n"},
		{t.Context(), Errorf(SomeFailed, "see above", "%d failed", 3), SomeFailed, "demo: 3 failed\n  hint: see above\n"},
		{t.Context(), &Error{Code: GateMissed}, GateMissed, ""},
		{t.Context(), fmt.Errorf("write: %w", syscall.EPIPE), BrokenPipe, ""},
		{t.Context(), io.ErrClosedPipe, BrokenPipe, ""},
		{stopped, context.Canceled, Interrupted, ""},
		{ended, fmt.Errorf("stopped: %w", context.Canceled), Terminated, ""},
		{stopped, errors.New("disk full"), Failure, "demo: disk full\n  hint: demo --help shows examples\n"},
		{t.Context(), errors.New("open \"a\x1b[2J\nb\""), Failure, "demo: open \"a\\x1b[2J; b\"\n  hint: demo --help shows examples\n"},
	} {
		code, _, errs := try(t, c.ctx, c.err, "a")
		if code != c.code || errs != c.say {
			t.Errorf("%v: got %d, %q; want %d, %q", c.err, code, errs, c.code, c.say)
		}
	}
}

func TestHelpHasExamplesFirst(t *testing.T) {
	code, out, errs := try(t, t.Context(), nil, "--help")
	if code != OK || errs != "" {
		t.Fatalf("got %d, %q", code, errs)
	}
	at := 0
	for _, part := range []string{"demo shows things", "Examples:\n  demo a.png", "Usage:\n  demo FILE… [flags]", "More.", "--format", "Exit codes:\n    0  done\n    1  failure\n    2  usage"} {
		i := strings.Index(out[at:], part)
		if i < 0 {
			t.Fatalf("help lacks %q after byte %d:\n%s", part, at, out)
		}
		at += i
	}
}

func TestVersionAndCompletion(t *testing.T) {
	if code, out, _ := try(t, t.Context(), nil, "--version"); code != OK || !strings.HasPrefix(out, "demo ") || !strings.Contains(out, "go1.") {
		t.Errorf("--version: %d %q", code, out)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, _ := try(t, t.Context(), nil, "completion", shell); code != OK || !strings.Contains(out, "demo") {
			t.Errorf("completion %s: %d, %d bytes", shell, code, len(out))
		}
	}
	if _, out, _ := try(t, t.Context(), nil, "__complete", "a", "--format", ""); !strings.Contains(out, "text\njson\n") {
		t.Errorf("values of --format: %q", out)
	}
}

func TestList(t *testing.T) {
	for want, values := range map[string][]string{"a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"", "a", "b", "c"}} {
		if got := list(values); got != want {
			t.Errorf("list(%q) = %q, want %q", values, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"topk", "format", "files-from", "model", "threads", "lr"}
	for s, want := range map[string]string{
		"topK": "topk", "tpok": "topk", "thread": "threads", "files": "files-from", "modle": "model",
		"l": "", "xyz": "", "epochs": "", "top": "topk", "": "",
	} {
		if got := Nearest(s, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestColor(t *testing.T) {
	for choice, want := range map[string]bool{"always": true, "never": false, "auto": false} { // a buffer is no terminal
		c := Common{Color: choice}
		if got := c.Palette(&bytes.Buffer{}).Bad("x") != "x"; got != want {
			t.Errorf("--color %s: coloured is %v", choice, got)
		}
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if wantsColor() {
		t.Error("NO_COLOR is not heard")
	}
	t.Setenv("NO_COLOR", "")
	if !wantsColor() {
		t.Error("an empty NO_COLOR must not count")
	}
	t.Setenv("TERM", "dumb")
	if wantsColor() {
		t.Error("TERM=dumb is not heard")
	}
}

func TestProgressWithoutTerminal(t *testing.T) {
	var b bytes.Buffer
	clock := time.Unix(0, 0)
	p := newPlain(&b, "classifying", "pictures", 1000, func() time.Time { return clock })
	for range 25 { // 4 pictures a second
		clock = clock.Add(time.Second)
		p.Add(4)
	}
	p.total = -1
	p.Doing("still classifying")
	clock = clock.Add(time.Minute)
	p.Add(0)
	p.Line("and a line")
	p.Close()
	want := "classifying: 40 of 1000 pictures, 4/s, 4m0s left\n" +
		"classifying: 80 of 1000 pictures, 4/s, 3m50s left\n" +
		"still classifying: 100 pictures, 1.18/s\n" +
		"and a line\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	var none *Progress = (&Common{Quiet: true}).Progress(&b, "", "", 0)
	none.Add(1)
	none.Doing("")
	none.Line("")
	none.Close()
}
