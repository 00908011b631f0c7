package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"squint/internal/cli"
)

// maxName is longer than a path may be on any system.
const maxName = 32 << 10

// names calls yield with each name in a list, until it returns false. Names end
// with a line break or, if there is one in what comes first, with a NUL. Empty ones
// are passed over.
func names(r io.Reader, listName string, yield func(string) bool) error {
	b := bufio.NewReaderSize(r, maxName)
	var head []byte // what has come at once, and at least the first name
	for err := error(nil); err == nil && !bytes.ContainsAny(head, "\n\x00"); {
		_, err = b.Peek(len(head) + 1) // an error comes again below
		head, _ = b.Peek(b.Buffered())
	}
	end := byte('\n')
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return cli.Errorf(cli.Failure, "write the list in UTF-8", "list of files %q: it is UTF-16", listName)
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		b.Discard(3)
	}
	if bytes.IndexByte(head, 0) >= 0 {
		end = 0
	}
	for {
		name, err := b.ReadSlice(end)
		if errors.Is(err, bufio.ErrBufferFull) {
			return cli.Errorf(cli.Failure, "--files-from takes one name a line, or NUL separated", "list of files %q: a name of more than %d bytes", listName, maxName)
		}
		name = bytes.TrimSuffix(name, []byte{end})
		if end == '\n' {
			name = bytes.TrimSuffix(name, []byte("\r"))
		}
		if len(name) > 0 && !yield(string(name)) {
			return nil
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list of files %q: %w", listName, reason(err))
		}
	}
}
