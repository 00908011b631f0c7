package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree makes files below a new folder. A name that ends in a slash is a folder,
// "a -> b" a link; every other file holds its name.
func tree(t testing.TB, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		name, target, link := strings.Cut(name, " -> ")
		path := filepath.Join(root, name)
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		if err == nil {
			switch {
			case link:
				err = os.Symlink(target, path)
			case strings.HasSuffix(name, "/"):
				err = os.MkdirAll(path, 0o777)
			default:
				err = os.WriteFile(path, []byte(name), 0o666)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// shown writes a Source as lines of text.
func shown(s *Source) (lines []string) {
	for _, it := range s.Items {
		lines = append(lines, fmt.Sprintf("%s %s %s", it.File, s.Classes[it.Class], it.Part))
	}
	for _, f := range s.Ignored {
		lines = append(lines, "ignored "+f)
	}
	for _, k := range s.Skipped {
		lines = append(lines, "skipped "+k.File+": "+k.Reason)
	}
	for _, w := range s.Warnings {
		lines = append(lines, "warning "+w)
	}
	return lines
}

func TestScan(t *testing.T) {
	for _, test := range []struct {
		name  string
		tree  []string
		kind  string
		class []string
		want  []string
	}{
		{
			"class folders in natural order",
			[]string{"10/b.png", "2/a.JPG", "2/a10.png", "2/a9.png"}, "folders", []string{"2", "10"},
			[]string{"2/a.JPG 2 ", "2/a9.png 2 ", "2/a10.png 2 ", "10/b.png 10 "},
		},
		{
			"what is ignored",
			[]string{
				"cat/1.png", "cat/.hidden.png", "cat/notes.txt", "cat/Thumbs.db", "cat/@eaDir/1.png", "dog/2.png", "dog/.DS_Store",
				"empty/", "texts/a.txt", "nested/empty/too/", "__MACOSX/cat/._1.png", ".git/a.png", "README.md", "cat/empty/",
			}, "folders", []string{"cat", "dog"},
			[]string{
				"cat/1.png cat ", "dog/2.png dog ",
				"ignored .git/", "ignored README.md", "ignored __MACOSX/", "ignored cat/.hidden.png", "ignored cat/@eaDir/", "ignored cat/Thumbs.db",
				"ignored cat/empty/", "ignored cat/notes.txt", "ignored dog/.DS_Store", "ignored empty/",
				"ignored nested/", "ignored nested/empty/", "ignored nested/empty/too/", "ignored texts/", "ignored texts/a.txt",
			},
		},
		{
			"folders in class folders",
			[]string{"cat/1/a.png", "cat/1/2/b.png", "dog/c.png"}, "folders", []string{"cat", "dog"},
			[]string{"cat/1/2/b.png cat ", "cat/1/a.png cat ", "dog/c.png dog "},
		},
		{
			"pictures without a class",
			[]string{"cat/1.png", "dog/2.png", "a.png", "b.png"}, "folders", []string{"cat", "dog"},
			[]string{"cat/1.png cat ", "dog/2.png dog ", "ignored a.png", "ignored b.png", `warning 2 pictures lie beside the class folders of "." and left out`},
		},
		{
			"split folders, classes matched by name",
			[]string{"Training/dog/1.png", "Training/cat/2.png", "validation/dog/3.png", "TEST/cat/4.png", "TEST/dog/5.png"}, "split folders", []string{"cat", "dog"},
			[]string{
				"Training/cat/2.png cat train", "Training/dog/1.png dog train", "validation/dog/3.png dog val", "TEST/cat/4.png cat test", "TEST/dog/5.png dog test",
				`warning class "cat" has no pictures in val`,
			},
		},
		{
			"a class that train lacks",
			[]string{"train/a/1.png", "train/b/2.png", "test/a/3.png", "test/b/4.png", "test/c/5.png", "test/c/6.png"}, "split folders", []string{"a", "b"},
			[]string{
				"train/a/1.png a train", "train/b/2.png b train", "test/a/3.png a test", "test/b/4.png b test",
				`skipped test/c/5.png: class "c" is not in train`, `skipped test/c/6.png: class "c" is not in train`,
				`warning class "c" of test is not in train: 2 pictures are left out`,
			},
		},
		{
			"a test folder without classes, as for competitions",
			[]string{"train/a/1.png", "train/b/2.png", "test/1.png", "sample/x.png"}, "split folders", []string{"a", "b"},
			[]string{
				"train/a/1.png a train", "train/b/2.png b train", "ignored sample/", "ignored test/1.png",
				`warning folder "sample" is none of train, val and test, and is left out`,
				`warning 1 picture lies beside the class folders of "test" and left out`,
			},
		},
		{
			"only a test part, to score a model",
			[]string{"test/a/1.png", "test/b/2.png"}, "split folders", []string{"a", "b"},
			[]string{"test/a/1.png a test", "test/b/2.png b test"},
		},
		{
			"a class called train",
			[]string{"bus/1.png", "train/2.png", "train/steam/3.png"}, "folders", []string{"bus", "train"},
			[]string{"bus/1.png bus ", "train/2.png train ", "train/steam/3.png train ", `warning folder "train" is taken for a class`},
		},
		{
			"links",
			[]string{
				"cat/1.png", "dog/2.png", "dog/link.png -> ../cat/1.png", "dog/gone.png -> nowhere", "dog/gone -> nowhere",
				"cat/up -> ..", "cat/self -> .", "cat/all -> /", "dog/a/b/c -> ../..", "wolf -> dog",
			}, "folders", []string{"cat", "dog", "wolf"},
			[]string{
				"cat/1.png cat ",
				"dog/2.png dog ", "dog/gone.png dog ", "dog/link.png dog ",
				"wolf/2.png wolf ", "wolf/gone.png wolf ", "wolf/link.png wolf ",
				"ignored cat/all/", "ignored cat/self/", "ignored cat/up/", "ignored dog/a/", "ignored dog/a/b/", "ignored dog/a/b/c/", "ignored dog/gone",
				"ignored wolf/a/", "ignored wolf/a/b/", "ignored wolf/a/b/c/", "ignored wolf/gone",
			},
		},
	} {
		src, err := Scan(tree(t, test.tree...))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if src.Kind != test.kind || !slices.Equal(src.Classes, test.class) {
			t.Errorf("%s: %s of %q, want %s of %q", test.name, src.Kind, src.Classes, test.kind, test.class)
		}
		if d := cmp.Diff(test.want, shown(src)); d != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, d)
		}
	}
}

func TestScanUnusable(t *testing.T) {
	for _, test := range []struct {
		name string
		tree []string
		want string
	}{
		{"nothing", nil, "no pictures, want one folder of them for each class"},
		{"no folders", []string{"1.png"}, `no class folders with pictures: 1 picture lies beside the class folders of "."`},
		{"no pictures", []string{"cat/a.txt", "dog/"}, "no pictures, want one folder of them for each class"},
		{"no classes", []string{"train/cat.1.jpg", "train/dog.1.jpg", "test/1.jpg"}, `folder "test" holds no class folders: want one folder of pictures for each class in it`},
	} {
		root := tree(t, test.tree...)
		_, err := Scan(root)
		var unusable *Unusable
		if !errors.As(err, &unusable) || err.Error() != "dataset: "+root+": "+unusable.Reason || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want …%s…", test.name, err, test.want)
		}
	}
	if _, err := Scan(filepath.Join(t.TempDir(), "gone")); !errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*Unusable)) {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

func TestScanUnreadableFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("everything is readable to this user")
	}
	root := tree(t, "a/1.png", "b/2.png", "b/c/3.png")
	os.Chmod(filepath.Join(root, "b/c"), 0)
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a/1.png a ", "b/2.png b ", "skipped b/c/: permission denied"}
	if d := cmp.Diff(want, shown(src)); d != "" {
		t.Error(d)
	}
}

func TestScanManifest(t *testing.T) {
	root := tree(t, "pictures/a.png", "pictures/b.png", "lists/")
	outside := filepath.Join(tree(t, "x.png"), "x.png")
	list := filepath.Join(root, "lists", "all.csv")
	text := "../pictures/a.png,cat,train\n../pictures/b.png,dog,\n" + outside + ",cat,test\nc.png,,\nd.png,wolf,test\n"
	if err := os.WriteFile(list, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	src, err := Scan(list)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"../pictures/a.png cat train", "../pictures/b.png dog ", outside + " cat test",
		"skipped c.png: the manifest gives it no label", `skipped d.png: class "wolf" is not in train`,
		`warning class "wolf" of test is not in train: 1 picture is left out`, `warning class "dog" has no pictures in test`,
	}
	if d := cmp.Diff(want, shown(src)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for i, path := range []string{filepath.Join(root, "pictures", "a.png"), filepath.Join(root, "pictures", "b.png"), outside} {
		if src.Items[i].path != path {
			t.Errorf("item %d opens %q, want %q", i, src.Items[i].path, path)
		}
	}
	if src.Kind != "manifest" || src.Root != filepath.Dir(list) {
		t.Errorf("%s at %s", src.Kind, src.Root)
	}
	if _, err := Scan(outside); err == nil || !errors.As(err, new(*Unusable)) {
		t.Errorf("a file that is no manifest: %v", err)
	}
}

func TestScanIDX(t *testing.T) {
	images, labels := idx(t, []int{3, 2, 2}, make([]uint8, 12)), idx(t, []int{3}, []uint8{10, 2, 10})
	write := func(t *testing.T, files map[string][]byte) string {
		root := t.TempDir()
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(root, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		return root
	}
	const trainImages, trainLabels, testImages, testLabels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  []string // lines, or the one error
	}{
		{"as MNIST comes", map[string][]byte{trainImages + ".gz": zipped(t, images), trainLabels + ".gz": zipped(t, labels), testImages + ".gz": zipped(t, images), testLabels + ".gz": zipped(t, labels), "LICENSE": nil}, []string{
			trainImages + ".gz[1] 2 train", trainImages + ".gz[0] 10 train", trainImages + ".gz[2] 10 train",
			testImages + ".gz[1] 2 test", testImages + ".gz[0] 10 test", testImages + ".gz[2] 10 test", "ignored LICENSE",
		}},
		{"unpacked beside the packed, no test", map[string][]byte{trainImages: images, trainImages + ".gz": zipped(t, images), trainLabels: labels}, []string{
			trainImages + "[1] 2 train", trainImages + "[0] 10 train", trainImages + "[2] 10 train", "ignored " + trainImages + ".gz",
		}},
		{"other names, packed without saying so", map[string][]byte{"emnist-letters-test-images.idx3-ubyte": zipped(t, images), "emnist-letters-test-labels.idx1-ubyte": labels}, []string{
			"emnist-letters-test-images.idx3-ubyte[1] 2 test", "emnist-letters-test-images.idx3-ubyte[0] 10 test", "emnist-letters-test-images.idx3-ubyte[2] 10 test",
		}},
		{"labels missing", map[string][]byte{trainImages: images}, []string{"dataset: " + trainImages + ": has no images or labels file beside it, want both for the train part"}},
		{"too few labels", map[string][]byte{trainImages: images, trainLabels: idx(t, []int{2}, []uint8{1, 2})}, []string{"dataset: " + trainLabels + ": 2 labels for 3 images"}},
		{"labels for images", map[string][]byte{trainImages: labels, trainLabels: labels}, []string{"dataset: " + trainImages + ": dimensions [3], want [n][height][width] or [n][height][width][3]"}},
		{"images for labels", map[string][]byte{trainImages: images, trainLabels: images}, []string{"dataset: " + trainLabels + ": dimensions [3 2 2], want one for labels"}},
		{"two channels", map[string][]byte{trainImages: idx(t, []int{3, 1, 2, 2}, make([]uint8, 12)), trainLabels: labels}, []string{"dataset: " + trainImages + ": dimensions [3 1 2 2], want [n][height][width] or [n][height][width][3]"}},
		{"no pixels", map[string][]byte{trainImages: idx(t, []int{3, 0, 2}, nil), trainLabels: labels}, []string{"dataset: " + trainImages + ": images of 0×2 pixels"}},
		{"truncated labels", map[string][]byte{trainImages: images, trainLabels: labels[:10]}, []string{"dataset: " + trainLabels + ": 2 bytes of values, want 3"}},
		{"two sets", map[string][]byte{"a-" + trainImages: images, "b-" + trainImages: images}, []string{`holds two IDX sets, "a-" and "b-": keep each in a folder of its own`}},
		{"two names for one part", map[string][]byte{"train-images-idx3-ubyte": images, "train-images.idx3-ubyte": images}, []string{`"train-images-idx3-ubyte" and "train-images.idx3-ubyte" are the same part`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			src, err := Scan(write(t, test.files))
			if err != nil {
				if len(test.want) != 1 || !strings.Contains(err.Error(), test.want[0]) || !errors.As(err, new(*Unusable)) {
					t.Errorf("%v, want %q", err, test.want)
				}
				return
			}
			if d := cmp.Diff(test.want, shown(src)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if src.Kind != "idx" {
				t.Errorf("kind %s", src.Kind)
			}
		})
	}
}
