package digits

// point is a place on the paper. Until lay it is measured in 1/unit of a
// hundredth of the digit's height, afterwards in 1/unit of a pixel.
type point struct{ x, y int64 }

const unit = 1024

// knot is a point that a stroke goes through, smoothly or with a corner.
type knot struct {
	point
	corner bool
}

const steps = 8 // straight pieces between two knots: each under 2 pixels long

// curve draws a smooth line through the knots of a stroke: cubic Bézier pieces
// whose tangents are those of a Catmull-Rom spline (Catmull and Rom 1974), that
// is, parallel to the line between the two neighbours. At a corner and at the
// ends there is but one neighbour to look at.
func curve(s []knot) []point {
	line := []point{s[0].point}
	for i := 0; i+1 < len(s); i++ {
		a, b := s[i], s[i+1]
		before, after := a, b
		if i > 0 && !a.corner {
			before = s[i-1]
		}
		if i+2 < len(s) && !b.corner {
			after = s[i+2]
		}
		// The inner control points lie a sixth of the neighbours' distance away.
		c := point{a.x + (b.x-before.x)/6, a.y + (b.y-before.y)/6}
		d := point{b.x - (after.x-a.x)/6, b.y - (after.y-a.y)/6}
		for t := int64(1); t <= steps; t++ {
			line = append(line, bezier(a.point, c, d, b.point, t))
		}
	}
	return line
}

// bezier returns the point at t/steps of a cubic Bézier curve.
func bezier(a, b, c, d point, t int64) point {
	u := steps - t
	mix := func(a, b, c, d int64) int64 {
		return (u*u*u*a + 3*u*u*t*b + 3*u*t*t*c + t*t*t*d) / (steps * steps * steps)
	}
	return point{mix(a.x, b.x, c.x, d.x), mix(a.y, b.y, c.y, d.y)}
}
