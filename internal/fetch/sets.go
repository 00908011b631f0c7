package fetch

// File is one file of a set: its name, on every mirror and on disk alike, and
// the bytes it must have.
type File struct {
	Name   string
	Size   int64  // bytes
	SHA256 string // 64 lower-case hexadecimal digits
}

// Set is a published collection of pictures. Its files are found under every
// mirror, which are tried in order.
type Set struct {
	Name    string // what the user types
	About   string // one line
	Licence string
	Mirrors []string // base URLs; a file is at mirror + "/" + File.Name
	Files   []File
}

// Sizes and SHA-256 sums are those of TensorFlow Datasets, which pins them in
// tensorflow_datasets/url_checksums/mnist.txt and fashion_mnist.txt of
// github.com/tensorflow/datasets; all eight agree. Mirrors: the first of MNIST
// and the second of Fashion-MNIST are the URLs in those lists, ossci-datasets
// is torchvision's (torchvision/datasets/mnist.py), tf-keras-datasets Keras's,
// github.com the publisher's own repository. That every mirror still serves
// these bytes was not tried; a mirror that serves others is passed over, for
// only the sums count, which also makes plain http safe.
var sets = []Set{
	{
		Name:    "mnist",
		About:   "MNIST handwritten digits: 60000 + 10000 grey pictures of 28x28, 10 classes",
		Licence: "CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
		Mirrors: []string{
			"https://storage.googleapis.com/cvdf-datasets/mnist",
			"https://ossci-datasets.s3.amazonaws.com/mnist",
		},
		Files: []File{
			{"train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
			{"train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
			{"t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
			{"t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
		},
	},
	{
		Name:    "fashion-mnist",
		About:   "Fashion-MNIST articles of clothing: 60000 + 10000 grey pictures of 28x28, 10 classes",
		Licence: "MIT, Zalando SE",
		Mirrors: []string{
			"https://storage.googleapis.com/tensorflow/tf-keras-datasets",
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
			"https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
		},
		Files: []File{
			{"train-images-idx3-ubyte.gz", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
			{"train-labels-idx1-ubyte.gz", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
			{"t10k-images-idx3-ubyte.gz", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
			{"t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
		},
	},
}

// Sets lists the known sets, in the order in which help should name them.
func Sets() []Set { return append([]Set(nil), sets...) }

// Lookup returns the set of that name.
func Lookup(name string) (Set, bool) {
	for _, s := range sets {
		if s.Name == name {
			return s, true
		}
	}
	return Set{}, false
}
