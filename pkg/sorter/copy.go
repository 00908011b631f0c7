package sorter

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// stage copies a file under its temporary name, with its times, mode and
// attributes, syncs the copy and reads it back. It has failed unless what came
// back from the disk has the sum that the plan says.
func (r *Run) stage(it *item) (err error) {
	temp := r.temp(it)
	defer func() {
		if err != nil {
			if e := r.dropTemp(it); e != nil {
				err = fmt.Errorf("%w; a part of a copy stays as %q", err, temp)
			}
		}
	}()
	src, err := r.source(it).open()
	if err != nil {
		return err
	}
	defer src.Close()
	was, err := statFile(src)
	if err != nil {
		return err
	}
	if !was.Mode.IsRegular() {
		return errors.New("a link cannot be copied to another file system")
	}
	if err := r.unchanged(it, was); err != nil {
		return err
	}
	if err := temp.before("create", ""); err != nil {
		return err
	}
	d, err := temp.folder(temp.dir())
	if err != nil {
		return err
	}
	dst, err := d.create(temp.name())
	if errors.Is(err, fs.ErrExist) { // of this very file, before a crash
		if err = r.dropTemp(it); err == nil {
			dst, err = d.create(temp.name())
		}
	}
	if err != nil {
		return err
	}
	defer func() {
		if e := dst.Close(); err == nil {
			err = e
		}
	}()
	if err := r.fill(it, temp, dst, src, was); err != nil {
		return err
	}
	if err := d.copyAttributes(temp.name(), dst, src); err != nil {
		return err
	}
	// An error of sync is final: the system may have dropped the pages, and
	// would call a second sync a success.
	if err := temp.before("sync file", ""); err != nil {
		return err
	}
	if err := dst.Sync(); err != nil {
		return err
	}
	if err := r.verify(it, temp, dst); err != nil {
		return err
	}
	st, err := statFile(dst)
	if err != nil {
		return err
	}
	it.made, it.state = st.ID, staged
	r.staged += st.Size
	r.journal.add(record{Do: "made", N: it.n, ID: &st.ID})
	return nil
}

// fill writes the content, which must be what the plan has the sum of.
func (r *Run) fill(it *item, temp place, dst, src *os.File, was Stat) error {
	if err := temp.before("write file", ""); err != nil {
		return err
	}
	h := sha256.New()
	// The struct hides ReadFrom: the kernel's own copying would pass by the sum.
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(dst, h)}, struct{ io.Reader }{src}, r.buffer())
	if err != nil {
		return err
	}
	var sum Sum
	h.Sum(sum[:0])
	now, err := statFile(src)
	if err != nil {
		return err
	}
	if n != it.Was.Size || sum != it.Sum || !now.untouched(was) {
		return errChanged
	}
	return nil
}

// verify reads a copy back, from the disk where the system lets that be asked.
func (r *Run) verify(it *item, temp place, dst *os.File) error {
	forget(dst)
	if err := temp.before("read back", ""); err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.CopyBuffer(h, io.NewSectionReader(dst, 0, it.Was.Size+1), r.buffer())
	if err != nil {
		return err
	}
	var sum Sum
	h.Sum(sum[:0])
	if n != it.Was.Size || sum != it.Sum {
		return errors.New("the copy did not read back as it was written: the disk or its connection is bad")
	}
	return nil
}

func (r *Run) buffer() []byte {
	if r.buf == nil {
		r.buf = make([]byte, 256<<10)
	}
	return r.buf
}

// dropTemp removes the temporary copy of a file, if there is one.
func (r *Run) dropTemp(it *item) error {
	temp := r.temp(it)
	if _, err := temp.lstat(); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := temp.remove()
	if err == nil {
		it.made = ID{}
	}
	return err
}
