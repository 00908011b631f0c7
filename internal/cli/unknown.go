package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError words what pflag says about a flag, with the nearest match.
func (a App) flagError(cmd *cobra.Command, err error) error {
	hint := cmd.CommandPath() + " --help lists the flags"
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if in := unknown.GetSpecifiedShortnames(); in != "" {
			if a.isLong(cmd, in) { // -topk for --topk, as Go programs take it
				return Errorf(Usage, "did you mean --"+long(in)+"?", "unknown flag -%s", in)
			}
			return Errorf(Usage, hint, "unknown flag -%s", name)
		}
		if foreign, ok := a.Foreign[name]; ok {
			hint = foreign
		} else if near := Nearest(name, a.names(cmd)); near != "" {
			hint = "did you mean --" + near + "?"
		}
		return Errorf(Usage, hint, "unknown flag --%s", name)
	case errors.As(err, &missing):
		what, usage := pflag.UnquoteUsage(missing.GetFlag())
		return Errorf(Usage, fmt.Sprintf("--%s %s: %s", missing.GetFlag().Name, what, usage), "--%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		why := invalid.Unwrap()
		switch f.Value.Type() {
		case "int64", "uint64", "float32", "float64":
			why = errors.New("want a number") // not strconv.ParseFloat: parsing "x": invalid syntax
		case "duration":
			why = errors.New("want a duration such as 90s or 10m")
		case "bool":
			why = errors.New("want true or false")
		}
		return Errorf(Usage, hint, "--%s: got %q, %w", f.Name, invalid.GetValue(), why)
	}
	return &Error{Usage, err, hint}
}

func long(s string) string {
	name, _, _ := strings.Cut(s, "=")
	return name
}

func (a App) isLong(cmd *cobra.Command, s string) bool {
	_, alias := a.Aliases[long(s)]
	return alias || len(long(s)) > 1 && cmd.Flags().Lookup(long(s)) != nil
}

// names lists the long flags that cmd takes.
func (a App) names(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// Assignment recognises an argument in the manner of YOLO, such as model=catdog
// for a flag of cmd, and returns the error that shows the flag form; nil if arg
// is something else. Ask it about arguments that are not files.
func Assignment(cmd *cobra.Command, arg string) error {
	name, value, ok := strings.Cut(arg, "=")
	if !ok || name == "" || cmd.Flags().Lookup(name) == nil {
		return nil
	}
	return Errorf(Usage, fmt.Sprintf("write --%s %s", name, value), "%q is neither a file nor a flag", arg)
}

// Nearest returns the one of names that s is probably meant to be, or "".
func Nearest(s string, names []string) string {
	best, least := "", 3 // three wrong letters are another word
	for _, n := range names {
		if d := distance(s, n); d < least && d < max(len(s), len(n))*2/3 {
			best, least = n, d
		}
	}
	if best != "" || len(s) < 3 {
		return best
	}
	for _, n := range names { // the beginning of a long one
		if strings.HasPrefix(n, s) || strings.HasPrefix(s, n) && len(n) > 2 {
			return n
		}
	}
	return ""
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour (Damerau and Levenshtein, optimal string alignment).
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
