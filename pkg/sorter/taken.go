package sorter

import (
	"bytes"
	"time"

	"github.com/bep/imagemeta"

	"squint/pkg/imageio"
)

// Taken returns when a photo was taken, by its EXIF data: local time of the
// camera, as UTC. ok is false where it does not say.
func Taken(data []byte) (t time.Time, ok bool) {
	info, err := imageio.Identify(data)
	if err != nil {
		return t, false
	}
	format, known := map[string]imagemeta.ImageFormat{
		"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP,
	}[info.Format]
	if !known {
		return t, false
	}
	best := len(dateTags)
	imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: format, Sources: imagemeta.EXIF, LimitNumTags: 1000, LimitTagSize: 64,
		Warnf:           func(string, ...any) {},
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return dateTag(tag.Tag) < len(dateTags) },
		HandleTag: func(tag imagemeta.TagInfo) error {
			text, _ := tag.Value.(string)
			d, err := time.Parse("2006:01:02 15:04:05", text)
			if i := dateTag(tag.Tag); err == nil && i < best && d.Year() > 1825 { // cameras without a clock say 0000
				t, best = d, i
			}
			return nil
		},
	}) // what cannot be read has no date
	return t, best < len(dateTags)
}

// dateTags are the EXIF tags with a date, best first.
var dateTags = []string{"DateTimeOriginal", "DateTimeDigitized", "CreateDate", "DateTime", "ModifyDate"}

func dateTag(name string) int {
	for i, t := range dateTags {
		if t == name {
			return i
		}
	}
	return len(dateTags)
}
