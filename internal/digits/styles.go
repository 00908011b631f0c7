package digits

import (
	"fmt"
	"strings"
)

// style is one way of writing a digit: the bones of its strokes, in the order
// of the pen, and how common it is.
type style struct {
	weight  int64
	strokes [][]knot
}

// bones reads "x,y x,y! x,y / x,y ...": points in hundredths of the digit's
// height, x to the right and y down, about 0 to 70 by 0 to 100; "!" makes a
// corner of a point, "/" lifts the pen. It panics on anything else.
func bones(weight int64, text string) style {
	s := style{weight: weight}
	for _, stroke := range strings.Split(text, "/") {
		var knots []knot
		for _, word := range strings.Fields(stroke) {
			var k knot
			word, k.corner = strings.CutSuffix(word, "!")
			if _, err := fmt.Sscanf(word, "%d,%d", &k.x, &k.y); err != nil {
				panic(fmt.Sprintf("digits: point %q: %v", word, err))
			}
			knots = append(knots, k)
		}
		if len(knots) < 2 {
			panic(fmt.Sprintf("digits: stroke %q has fewer than two points", stroke))
		}
		s.strokes = append(s.strokes, knots)
	}
	return s
}

var styles = [Classes][]style{
	0: {
		bones(3, "40,1 20,8 6,30 3,58 12,86 32,99 52,90 65,66 66,38 56,12 38,1 28,4"), // from the top, closed
		bones(3, "58,14 42,1 20,8 6,32 4,66 18,94 40,98 60,80 67,50 62,20 46,6 34,6"), // from the right, overlapping
		bones(2, "34,2 14,16 6,48 12,82 32,99 50,86 58,52 52,18 36,2"),                // narrow
		bones(1, "48,8 26,3 8,20 2,50 10,82 34,98 60,86 70,54 64,24 50,10"),           // round, hardly closed
	},
	1: {
		bones(4, "36,0 35,34 34,67 33,100"),                                 // a bar
		bones(2, "38,0 34,30 34,66 38,100"),                                 // a bowed bar
		bones(3, "16,24 26,14 35,1! 35,34 34,67 34,100"),                    // a flag
		bones(1, "14,24 26,14 36,1! 36,34 35,67 35,98 / 12,99 35,98 60,98"), // a flag and a foot
	},
	2: {
		bones(3, "6,22 18,5 40,1 57,14 56,36 40,60 20,82 4,97! 26,95 46,96 66,94"),           // sharp foot
		bones(3, "8,20 24,3 46,2 58,18 53,40 36,64 18,84 6,92 3,84 14,78 30,86 48,96 68,94"), // loop
		bones(2, "8,16 28,1 50,8 54,28 40,52 22,76 6,96! 24,90 44,97 68,90"),                 // wavy foot
		bones(1, "4,8 24,1 46,3 56,14! 50,34 30,66 5,97! 34,97 64,96"),                       // angular
		bones(1, "10,30 6,14 24,1 46,5 56,24 48,48 28,72 10,88 20,93 40,95 66,96"),           // round foot
	},
	3: {
		bones(3, "8,14 24,1 46,4 55,20 46,38 26,46! 46,50 62,66 58,86 38,99 18,97 4,86"),      // round
		bones(2, "6,4 28,3 58,2! 46,20 28,40! 48,46 63,64 58,86 36,99 14,97 2,88"),            // flat top
		bones(2, "8,12 26,0 48,6 53,24 42,40 26,46 27,41 42,46 58,60 60,80 44,97 22,99 4,88"), // small loop
		bones(1, "12,8 32,0 52,10 50,30 34,43 44,50 60,66 54,90 30,100 6,92"),                 // in one swing
	},
	4: {
		bones(3, "10,2 7,26 4,52! 22,53 44,52 70,50 / 50,4 48,36 46,68 45,100"),   // open, square
		bones(2, "10,4 4,28 8,46 24,54 42,48 54,34 / 58,2 54,34 51,68 46,100"),    // open, round
		bones(2, "46,2! 26,30 3,64! 26,65 48,64 72,63 / 47,2 47,34 46,67 45,100"), // closed, two strokes
		bones(1, "46,100 48,68 49,34 48,2! 28,30 3,66! 26,67 50,66 72,64"),        // closed, one stroke
		bones(2, "20,0 12,26 3,56! 22,57 44,55 64,53 / 44,28 42,54 40,78 37,100"), // short stem
	},
	5: {
		bones(3, "14,4 12,24 9,44! 28,38 48,43 60,60 57,82 38,98 18,98 3,88 / 13,4 38,4 64,2"), // hat last
		bones(3, "64,3 40,4 17,4! 13,24 10,44! 28,38 48,44 60,62 54,86 34,99 16,98 2,90"),      // one stroke
		bones(2, "62,4 42,2 22,8 14,26 22,40 42,50 58,66 56,86 36,99 16,98 2,88"),              // like an S
		bones(1, "58,2 38,3 18,4! 16,22 14,42! 34,44 52,56 54,76 38,94 20,100 4,98"),           // flat belly
	},
	6: {
		bones(3, "52,2 32,14 14,38 5,66 12,92 34,100 54,88 58,70 44,57 24,62 9,78"),       // bowed back
		bones(2, "36,0 22,24 10,50 5,76 16,97 38,99 55,86 54,66 38,58 20,66 8,82"),        // straight back
		bones(2, "60,12 46,2 26,12 10,36 4,66 14,94 38,100 57,86 58,66 42,55 22,62 8,78"), // curled top
		bones(1, "30,0 14,28 4,60 8,90 30,100 48,90 48,72 34,64 16,72 8,86"),              // small belly
	},
	7: {
		bones(3, "4,6 24,5 44,4 64,3! 52,32 40,64 32,100"),                     // plain
		bones(2, "5,6 24,6 44,4 64,3! 52,32 40,64 32,100 / 20,52 40,50 62,48"), // bar
		bones(2, "6,22 8,6! 28,6 48,5 66,3! 50,34 38,66 32,100"),               // serif
		bones(2, "2,14 12,4 32,8 48,10 64,3! 48,28 38,60 36,100"),              // wave
		bones(1, "4,8 30,4 54,4 62,14 54,38 40,68 26,100"),                     // round corner
	},
	8: {
		bones(3, "58,14 42,1 20,6 14,24 28,42 48,58 60,78 46,97 22,98 8,80 18,60 38,46 56,28 59,12"),     // S first
		bones(2, "34,46 16,34 14,14 32,1 52,10 54,30 36,46 14,60 6,82 22,99 48,98 62,80 54,60 34,46"),    // eight from the middle
		bones(2, "36,1 18,8 14,26 30,42 50,56 62,76 50,96 26,100 8,84 14,64 34,48 52,30 54,10 38,1"),     // from the top
		bones(1, "35,46 16,38 14,14 34,1 54,14 53,36 35,46 / 34,47 12,58 8,84 32,100 60,86 57,58 35,47"), // two rings
	},
	9: {
		bones(3, "58,16 42,1 20,6 7,26 14,46 34,50 52,34 59,14! 58,40 56,70 52,100"),      // straight stem
		bones(2, "58,18 42,2 20,7 8,28 16,47 36,49 53,32 60,12! 60,44 52,80 34,99 12,92"), // hooked stem
		bones(2, "50,10 30,1 10,14 8,36 24,50 44,40 54,16 56,34 52,66 46,100"),            // in one swing
		bones(1, "56,6 34,2 12,16 6,38 22,52 42,42 56,8! 48,40 40,70 30,100"),             // slanted stem
	},
}
