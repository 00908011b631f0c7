package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/models"
)

const defaultModel = "catdog"

const examples = `
  classify photo.png                       what does it show?
  classify -r holiday/ > answers.txt       every picture below a folder
  classify *.jpg --json | jq .label        one JSON object a line
  classify -m digits -k 3 scan.png         another model, its three best guesses
  classify -m runs/pets/model.safetensors --format csv test/
  curl -s URL | classify -                 a picture from standard input
  find . -name '*.jpg' -print0 | classify --files-from - --shard 1/4
  classify -r photos/ --json --skip-done out.jsonl >> out.jsonl    go on where it broke off
  classify sort ~/Pictures out/            a folder for each class: see classify sort --help`

const description = `
PATH is a picture file, a folder (its pictures in order of name; with -r those
of the folders below too), a pattern in quotes such as 'a/**/*.jpg', or - for the
bytes of one picture on standard input. Files with a dot in front are left out
of folders. Rows come in the order of the input, one for each file: one that
fails has the reason in its row, and the exit code is 4.

Formats:
  text   photo.png  cat  98.7%    or    photo.png  unsure  cat  61.2%
  json   one array of objects
  jsonl  {"file":…,"label":…,"score":…,"unsure":…,"top":[{"label":…,"score":…}…],"model":…}
         or {"file":…,"error":…}, one a line; a name that is not UTF-8 is also in
         "file_bytes", as base64
  csv    file,label,score,unsure,error and one column for each class
Scores are probabilities from 0 to 1. "unsure" is said where the best answer is not
probable enough for --precision, or the picture looks like none of the classes. In text that does not go to a terminal,
names are written as they are: a name may hold a line break, so programs should
read one of the other formats.`

// aliases are flags that people know from YOLO and others.
var aliases = map[string]string{
	"workers": "threads", "weights": "model", "recurse": "recursive", "top": "topk", "top-k": "topk", "colour": "color",
}

// foreign are flags that people know and that are not needed here.
var foreign = map[string]string{
	"source": "name the pictures without a flag: classify photo.png",
	"data":   "name the pictures without a flag: classify folder/",
	"device": "leave it out: squint runs on the CPU",
	"imgsz":  "leave it out: the model knows its size",
	// of other programs that sort
	"dry-run": "leave it out: classify sort changes nothing without --apply",
	"undo":    "classify undo DST takes the last run back",
}

// options are the flags of classify.
type options struct {
	cli.Common
	model     string
	precision precision
	topk      int
	format    string
	jsonl     bool
	shard     shard
	recursive bool
	filesFrom string
	skipDone  string
}

func command() *cobra.Command {
	o := &options{model: defaultModel, shard: shard{1, 1}}
	cmd := &cobra.Command{
		Use:     "classify PATH… [flags]",
		Short:   "classify says what pictures show.",
		Long:    description,
		Example: examples,
		Args:    cobra.ArbitraryArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	cmd.PersistentFlags().SortFlags = false
	fs.StringVarP(&o.model, "model", "m", o.model, "built-in model or model file, `NAME|FILE`")
	fs.Var(&o.precision, "precision", "answer where at least this share of answers is right, such as `0.99`, else \"unsure\"; 0 answers always (default from the model)")
	cli.AddCount(fs, &o.topk, 0, "topk", "k", "give the `N` most probable classes (0: 1 in text, 5 in JSON)")
	cli.AddChoice(cmd, fs, &o.format, "format", "`FORMAT` of the rows: %s", "text", "json", "jsonl", "csv")
	fs.BoolVar(&o.jsonl, "json", false, "short for --format jsonl")
	fs.BoolVarP(&o.recursive, "recursive", "r", false, "also the folders below a folder")
	fs.StringVar(&o.filesFrom, "files-from", "", "read names from `FILE|-`, one a line or NUL separated")
	fs.StringVar(&o.skipDone, "skip-done", "", "leave out files that have a row in `OUT`, the jsonl or csv of a run that broke off")
	fs.Var(&o.shard, "shard", "take only share `I/N` of the files, 1/N to N/N, told by their names")
	o.AddTo(cmd)
	cmd.AddCommand(sortCommand(&o.Common), undoCommand(&o.Common), explainCommand(&o.Common))
	cmd.RegisterFlagCompletionFunc("model", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return models.Names(), cobra.ShellCompDirectiveDefault
	})
	return cmd
}

// check finds what is wrong with the command line before anything is read.
func (o *options) check(cmd *cobra.Command, args []string) error {
	if len(args) == 0 && o.filesFrom == "" {
		return cli.Errorf(cli.Usage, "classify photo.png, or classify folder/", "no pictures named")
	}
	stdin := 0
	for _, a := range args {
		if a == "-" {
			stdin++
		}
		if err := cli.Assignment(cmd, a); err != nil && !exists(a) {
			return err
		}
	}
	if o.filesFrom == "-" {
		stdin++
	}
	if stdin > 1 {
		return cli.Errorf(cli.Usage, "standard input is one picture (-) or one list (--files-from -)", "standard input is named twice")
	}
	if o.jsonl {
		if cmd.Flags().Changed("format") && o.format != "jsonl" {
			return cli.Errorf(cli.Usage, "leave one of them out", "--json is --format jsonl, not --format %s", o.format)
		}
		o.format = "jsonl"
	}
	if o.format == "csv" && o.topk > 0 {
		return cli.Errorf(cli.Usage, "leave out --topk", "csv has a column for every class")
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (o *options) run(cmd *cobra.Command, args []string) error {
	if err := o.check(cmd, args); err != nil {
		return err
	}
	m, err := load(o.model)
	if err != nil {
		return err
	}
	rule, err := o.precision.rule(m)
	if err != nil {
		return err
	}
	stdin, stdout, stderr := cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	skip, goesOn, err := o.readDone(stdout)
	if err != nil {
		return err
	}
	l, err := o.lister(args, stdin, skip)
	if err != nil {
		return err
	}
	defer l.close()

	forPeople := cli.IsTerminal(stdout) || o.Color == "always"
	p := &pipeline{
		model: m, rule: rule, stdin: stdin, threads: o.Workers(), goesOn: goesOn,
		format: newFormat(o.format, m, o.topk, forPeople, o.Palette(stdout)),
	}
	if !cli.IsTerminal(stdout) && !o.Quiet { // there the rows themselves are the progress
		total, err := o.count(args, skip)
		if err != nil {
			return err
		}
		p.progress = o.Progress(stderr, "classifying", "pictures", total)
	}
	if o.format == "text" || o.format == "csv" { // rows of the others say it
		io.WriteString(o.Notes(stderr), "model "+clean(m.Name)+"\n")
	}
	out := bufio.NewWriterSize(stdout, 1<<16)
	start := time.Now()
	err = p.run(cmd.Context(), l.each, out)
	p.progress.Close()
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if p.rows >= manyPictures {
		fmt.Fprintln(o.Notes(stderr), throughput(p.rows, time.Since(start), p.spent))
	}
	switch {
	case err != nil:
		return err
	case l.found == 0 && l.foldersBelow:
		return cli.Errorf(cli.Unusable, "-r looks into the folders below", "no pictures found")
	case l.found == 0:
		return cli.Errorf(cli.Unusable, "name picture files, or a folder that holds some", "no pictures found")
	case p.failed > 0:
		return cli.Errorf(cli.SomeFailed, "their rows say why", "%d of %d files could not be classified", p.failed, p.rows)
	}
	return nil
}

// manyPictures are worth a line about how fast it went.
const manyPictures = 100

// throughput is "10000 pictures in 1m1s, 163/s: decode 71%, prepare 9%, network 20%".
func throughput(n int, took time.Duration, s shares) string {
	return fmt.Sprintf("%d pictures in %s, %.3g/s: %s", n, took.Round(100*time.Millisecond), float64(n)/took.Seconds(), s)
}

// lister returns what lists the inputs; close it.
func (o *options) lister(args []string, stdin io.Reader, skip done) (*lister, error) {
	l := &lister{args: args, recursive: o.recursive, shard: o.shard, skip: skip}
	switch o.filesFrom {
	case "":
	case "-":
		l.list, l.listName = stdin, "standard input"
	default:
		f, err := os.Open(o.filesFrom)
		if err != nil {
			return nil, cli.Errorf(cli.Failure, "--files-from takes a file of names, or - for standard input", "list of files %q: %w", o.filesFrom, reason(err))
		}
		l.list, l.listName, l.close = f, o.filesFrom, func() { f.Close() }
	}
	if l.close == nil {
		l.close = func() {}
	}
	return l, nil
}

// count lists the inputs once to know how many they are, so that progress can
// say how long it will take: a second for a million files. It is -1 where a list
// can be read only once.
func (o *options) count(args []string, skip done) (n int64, err error) {
	if st, err := os.Stat(o.filesFrom); o.filesFrom != "" && (err != nil || !st.Mode().IsRegular()) {
		return -1, nil
	}
	l, err := o.lister(args, nil, skip)
	if err != nil {
		return 0, err
	}
	defer l.close()
	err = l.each(func(input) bool { n++; return true })
	return n, err
}
