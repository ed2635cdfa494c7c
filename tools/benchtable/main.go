// Command benchtable runs benchmarks in interleaved rounds and prints a table of
// medians, with the ratios that matter and the machine.
//
// Each package's tests are compiled once. A round runs every chosen benchmark once, so
// that what slows the machine down for a while slows all of them; medians over the
// rounds are printed. A ratio is the median of the ratios within each round.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// suite is a package's benchmarks.
type suite struct {
	pkg, pattern, benchtime string
	binary                  string
}

// ratio compares two benchmarks by one measure: of over to, beside a target. Where the measure has two
// words, they are those of the two.
type ratio struct {
	name, of, to, measure, target string
}

// samples are the values of each benchmark and measure, one for each round.
type samples map[string]map[string][]float64

func main() {
	rounds := flag.Int("rounds", 5, "how many rounds")
	match := flag.String("match", "", "only benchmarks whose package or name contains this")
	accounts := flag.String("accounts", "10000,1000000", "numbers of accounts for the cost per command")
	jobs := flag.String("jobs", "1000,100000", "numbers of waiting jobs for the cost per claim")
	flag.Parse()
	if err := os.Setenv("FLORIN_BENCH_JOBS", *jobs); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
	if err := run(*rounds, *match, *accounts); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

func run(rounds int, match, accounts string) error {
	folder, err := os.MkdirTemp("", "florin-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	chosen, err := compile(folder, match)
	if err != nil {
		return err
	}
	got := samples{}
	for round := range rounds {
		for _, s := range chosen {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, rounds, s.pkg)
			if err := measure(s, accounts, round, got); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%s\n%d rounds, medians; %s\n\n", machine(), rounds, time.Now().UTC().Format(time.DateOnly))
	printTable(got)
	printRatios(got)
	return nil
}

// suites are what is measured. Their order is that of the table.
var suites = []suite{
	{pkg: "./token", pattern: "HoldAndSettle|Balance|Roll|Fold"},
	{pkg: "./catalog", pattern: "Price"},
	{pkg: "./internal/planner", pattern: "Plan"},
	{pkg: "./internal/queue", pattern: "Next"},
	{pkg: "./internal/ledger", pattern: "Pair|Lonely|LedgerBalance", benchtime: "3s"},
	{pkg: "./internal/ledger", pattern: "LedgerAccounts", benchtime: "20000x"},
	{pkg: "./internal/studio", pattern: "Start|Claim", benchtime: "300x"},
	{pkg: "./internal/engine/retouch", pattern: "Retouch", benchtime: "1x"},
	{pkg: "./internal/engine/texture", pattern: "Texture", benchtime: "1x"},
	{pkg: "./internal/engine/vision", pattern: "Vision|Lanczos", benchtime: "1x"},
	{pkg: "./internal/api", pattern: "HTTPEcho|HTTPCharge|HTTPBatch", benchtime: "1x"},
	{pkg: "./internal/engine/builtin", pattern: "Paint|Alchemy|Pipeline|Element|Reference|Operation|Prompt|File", benchtime: "2x"},
}

// ratios are judged against their targets.
var ratios = []ratio{
	{"ledger of floor, sqlite, 64 callers", "Pair/sqlite/callers=64", "Pair/sqlite/callers=64", "pairs/s floor-pairs/s", "≥ 0.7"},
	{"ledger of floor, sqlite, 1024 callers", "Pair/sqlite/callers=1024", "Pair/sqlite/callers=1024", "pairs/s floor-pairs/s", "≥ 0.7"},
	{"ledger of floor, postgres, 64 callers", "Pair/postgres/callers=64", "Pair/postgres/callers=64", "pairs/s floor-pairs/s", "≥ 0.7"},
	{"ledger of floor, postgres, 1024 callers", "Pair/postgres/callers=1024", "Pair/postgres/callers=1024", "pairs/s floor-pairs/s", "≥ 0.7"},
	{"ledger of wide commits, sqlite, 64 callers", "Pair/sqlite/callers=64", "Pair/sqlite/callers=64", "pairs/s wide-pairs/s", "none"},
	{"ledger of wide commits, sqlite, 1024 callers", "Pair/sqlite/callers=1024", "Pair/sqlite/callers=1024", "pairs/s wide-pairs/s", "none"},
	{"ledger of wide commits, postgres, 64 callers", "Pair/postgres/callers=64", "Pair/postgres/callers=64", "pairs/s wide-pairs/s", "none"},
	{"ledger of wide commits, postgres, 1024 callers", "Pair/postgres/callers=1024", "Pair/postgres/callers=1024", "pairs/s wide-pairs/s", "none"},
	{"ledger of joined commits, postgres, 64 callers", "Pair/postgres/callers=64", "Pair/postgres/callers=64", "pairs/s joined-pairs/s", "none"},
	{"ledger of joined commits, postgres, 1024 callers", "Pair/postgres/callers=1024", "Pair/postgres/callers=1024", "pairs/s joined-pairs/s", "none"},
	{"lonely hold over bare row, sqlite", "Lonely/sqlite", "Lonely/sqlite", "hold-ns row-ns", "≤ 1.3"},
	{"lonely hold over bare row, postgres", "Lonely/postgres", "Lonely/postgres", "hold-ns row-ns", "≤ 1.3"},
	{"charges over HTTP of bare echo, sqlite", "HTTPCharge/sqlite", "HTTPEcho", "charges/s", "≥ 0.35"},
	{"charges over HTTP of bare echo, postgres", "HTTPCharge/postgres", "HTTPEcho", "charges/s", "≥ 0.35"},
	{"their 99th percentile over the echo's, sqlite", "HTTPCharge/sqlite", "HTTPEcho", "p99-µs", "≤ 4 + 2 fsyncs"},
	{"their 99th percentile over the echo's, postgres", "HTTPCharge/postgres", "HTTPEcho", "p99-µs", "≤ 4 + 2 fsyncs"},
	{"charges in batches of single ones, sqlite", "HTTPBatch/sqlite", "HTTPCharge/sqlite", "charges/s", "≥ 3"},
	{"charges in batches of single ones, postgres", "HTTPBatch/postgres", "HTTPCharge/postgres", "charges/s", "≥ 3"},
	{"1 million accounts over 10 thousand, sqlite", "LedgerAccounts/sqlite/accounts=1000000", "LedgerAccounts/sqlite/accounts=10000", "ns/op", "≤ 1.5"},
	{"10 million accounts over 10 thousand, sqlite", "LedgerAccounts/sqlite/accounts=10000000", "LedgerAccounts/sqlite/accounts=10000", "ns/op", "≤ 1.5"},
	{"1 million accounts over 10 thousand, postgres", "LedgerAccounts/postgres/accounts=1000000", "LedgerAccounts/postgres/accounts=10000", "ns/op", "≤ 1.5"},
	{"claims with 100 thousand waiting over 1 thousand, sqlite", "Claim/jobs=100000/sqlite", "Claim/jobs=1000/sqlite", "claims/s", "≥ 0.67"},
	{"claims with 100 thousand waiting over 1 thousand, postgres", "Claim/jobs=100000/postgres", "Claim/jobs=1000/postgres", "claims/s", "≥ 0.67"},
	{"claims with 1 million waiting over 1 thousand, sqlite", "Claim/jobs=1000000/sqlite", "Claim/jobs=1000/sqlite", "claims/s", "≥ 0.67"},
	{"claims with 1 million waiting over 1 thousand, postgres", "Claim/jobs=1000000/postgres", "Claim/jobs=1000/postgres", "claims/s", "≥ 0.67"},
	{"10 million accounts over 10 thousand, postgres", "LedgerAccounts/postgres/accounts=10000000", "LedgerAccounts/postgres/accounts=10000", "ns/op", "≤ 1.5"},
}

// compile builds the test binary of each chosen package, once.
func compile(folder, match string) ([]suite, error) {
	var chosen []suite
	built := map[string]string{}
	for _, s := range suites {
		if !strings.Contains(s.pkg, match) && !strings.Contains(s.pattern, match) {
			continue
		}
		if built[s.pkg] == "" {
			built[s.pkg] = filepath.Join(folder, filepath.Base(s.pkg)+".test")
			out, err := exec.Command("go", "test", "-c", "-o", built[s.pkg], s.pkg).CombinedOutput()
			if err != nil {
				return nil, fmt.Errorf("compiling %s: %s", s.pkg, out)
			}
		}
		s.binary = built[s.pkg]
		chosen = append(chosen, s)
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no benchmark matches %q", match)
	}
	return chosen, nil
}

// measure runs a suite once and adds what it printed to the samples.
func measure(s suite, accounts string, round int, got samples) error {
	binary, err := filepath.Abs(s.binary)
	if err != nil {
		return err
	}
	args := []string{"-test.run=^$", "-test.bench=" + s.pattern, "-test.timeout=3h"}
	if s.benchtime != "" {
		args = append(args, "-test.benchtime="+s.benchtime)
	}
	cmd := exec.Command(binary, args...)
	cmd.Dir = s.pkg
	cmd.Env = append(os.Environ(), "FLORIN_BENCH_ACCOUNTS="+accounts)
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", s.pkg, err, out)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		parse(lines.Text(), round, got)
	}
	return lines.Err()
}

// parse reads one line of a benchmark: its name, its count, and pairs of value and measure.
func parse(line string, round int, got samples) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return
	}
	name := strings.TrimPrefix(fields[0], "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		name = name[:i]
	}
	if got[name] == nil {
		got[name] = map[string][]float64{}
	}
	for i := 2; i+1 < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			continue
		}
		values := got[name][fields[i+1]]
		for len(values) < round {
			values = append(values, v) // a round that was missed counts as the next one
		}
		got[name][fields[i+1]] = append(values, v)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func printTable(got samples) {
	names := make([]string, 0, len(got))
	for name := range got {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Printf("| %-44s | %-12s | other measures |\n|---|---:|---|\n", "benchmark", "time")
	for _, name := range names {
		var rest []string
		for _, m := range slices.Sorted(maps.Keys(got[name])) {
			if m != "ns/op" {
				rest = append(rest, fmt.Sprintf("%s %s", short(median(got[name][m])), m))
			}
		}
		fmt.Printf("| %-44s | %12s | %s |\n", name, time.Duration(median(got[name]["ns/op"])).String(), strings.Join(rest, ", "))
	}
}

func printRatios(got samples) {
	fmt.Printf("\n| %-48s | ratio | target | rounds |\n|---|---:|---|---|\n", "comparison")
	for _, r := range ratios {
		measure, other, two := strings.Cut(r.measure, " ")
		if !two {
			other = measure
		}
		of, to := got[r.of][measure], got[r.to][other]
		if len(of) == 0 || len(to) == 0 {
			continue
		}
		var each []float64
		var shown []string
		for i := range min(len(of), len(to)) {
			each = append(each, of[i]/to[i])
			shown = append(shown, fmt.Sprintf("%.2f", of[i]/to[i]))
		}
		fmt.Printf("| %-48s | %.2f | %s | %s |\n", r.name, median(each), r.target, strings.Join(shown, " "))
	}
}

func short(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	if v < 0.1 {
		return strconv.FormatFloat(v, 'f', 5, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// machine tells what this ran on.
func machine() string {
	model := "unknown processor"
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load " + strings.Fields(string(raw))[0] + " at the end"
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s%s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load)
}
