package queue

// The tree of a line's waiting jobs, by tag and age, knows how many jobs are in
// each part. It is a treap: its shape follows from dice that are thrown
// by the job's number, so that it is the same everywhere.

// dice scrambles a number (the finalizer of splitmix64).
func dice(n uint64) uint32 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return uint32((n ^ n>>31) >> 32)
}

// earlier is the order of jobs that wait.
func earlier(tag int64, seq uint64, i *item) bool {
	if d := tag - i.tag; d != 0 {
		return d < 0
	}
	return seq < i.seq
}

func (i *item) sum() *item {
	i.count = 1
	for _, c := range [2]*item{i.left, i.right} {
		if c != nil {
			i.count += c.count
		}
	}
	return i
}

func (l *line) insert(i *item) {
	if !l.blind {
		l.root = grow(l.root, i)
	}
}

func (l *line) remove(i *item) {
	if !l.blind {
		l.root = prune(l.root, i)
	}
}

func grow(n, i *item) *item {
	switch {
	case n == nil:
		i.left, i.right = nil, nil
		return i.sum()
	case i.dice > n.dice:
		i.left, i.right = split(n, i)
		return i.sum()
	case earlier(i.tag, i.seq, n):
		n.left = grow(n.left, i)
	default:
		n.right = grow(n.right, i)
	}
	return n.sum()
}

func split(n, at *item) (before, after *item) {
	if n == nil {
		return nil, nil
	}
	if earlier(at.tag, at.seq, n) {
		before, n.left = split(n.left, at)
		return before, n.sum()
	}
	n.right, after = split(n.right, at)
	return n.sum(), after
}

func prune(n, i *item) *item {
	switch {
	case n == i:
		joined := join(n.left, n.right)
		n.left, n.right = nil, nil
		return joined
	case earlier(i.tag, i.seq, n):
		n.left = prune(n.left, i)
	default:
		n.right = prune(n.right, i)
	}
	return n.sum()
}

func join(a, b *item) *item {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.dice > b.dice:
		a.right = join(a.right, b)
		return a.sum()
	default:
		b.left = join(a, b.left)
		return b.sum()
	}
}

// ahead counts the jobs before a tag and age.
func (l *line) ahead(tag int64, seq uint64) (jobs int) {
	for n := l.root; n != nil; {
		if !earlier(tag, seq, n) && seq != n.seq {
			jobs++
			if n.left != nil {
				jobs += int(n.left.count)
			}
			n = n.right
		} else {
			n = n.left
		}
	}
	return jobs
}
