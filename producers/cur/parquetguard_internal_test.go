package cur

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/brotli"
	"github.com/parquet-go/parquet-go/compress/gzip"
	"github.com/parquet-go/parquet-go/compress/lz4"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/parquet-go/parquet-go/compress/uncompressed"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// guarded is a row with a dictionary, a map, a list and a value of any size.
type guarded struct {
	ID    string            `parquet:"identity_line_item_id"`
	Payer string            `parquet:"bill_payer_account_id,optional,dict"`
	Start string            `parquet:"line_item_usage_start_date,optional,dict"`
	Cost  float64           `parquet:"line_item_unblended_cost,optional"`
	Tags  map[string]string `parquet:"resource_tags"`
	List  []string          `parquet:"something,list"`
	Value string            `parquet:"value,dict"`
}

func parquetFile(t *testing.T, codec compress.Codec, version, rows int, value string, more ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[guarded](&out, append([]parquet.WriterOption{parquet.Compression(codec), parquet.DataPageVersion(version), parquet.DataPageStatistics(false)}, more...)...)
	for i := range rows {
		if _, err := w.Write([]guarded{{
			ID: fmt.Sprint(i), Payer: "000011112222", Start: "2026-03-01T00:00:00Z", Cost: float64(i), Tags: map[string]string{"team": fmt.Sprint(i % 3)},
			List: []string{"a", "b"}, Value: value,
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readParquet reads a file to its end and returns the numbers of valid and bad rows, and the
// error.
func readParquet(file []byte, pages int64) (sound, bad int, err error) {
	s, err := newParquetSource(bytes.NewReader(file), int64(len(file)), pages)
	if err != nil {
		return 0, 0, err
	}
	for {
		var b batch
		if err := s.next(&b); errors.Is(err, io.EOF) {
			return sound, bad, s.close()
		}
		if b.damage != nil {
			return sound, bad, errors.Join(errors.New(b.damage.problem), s.close())
		}
		for i := range b.rows {
			if b.rows[i].problem != "" {
				bad++
			} else {
				sound++
			}
		}
	}
}

func codecs() map[string]compress.Codec {
	return map[string]compress.Codec{
		"none": &uncompressed.Codec{}, "snappy": &snappy.Codec{}, "gzip": &gzip.Codec{Level: gzip.DefaultCompression}, "zstd": &zstd.Codec{Level: zstd.DefaultLevel},
		"brotli": &brotli.Codec{Quality: brotli.DefaultQuality, LGWin: brotli.DefaultLGWin},
	}
}

// TestParquetSizesAreChecked: files of every compression are read as far as the memory for pages
// allows, values that are too long are reported by row, and damaged files take no more memory
// than valid ones.
func TestParquetSizesAreChecked(t *testing.T) {
	const room = 64 << 20
	for name, codec := range codecs() {
		for version := 1; version <= 2; version++ {
			t.Run(fmt.Sprint(name, version), func(t *testing.T) {
				file := parquetFile(t, codec, version, 3000, "value")
				if sound, bad, err := readParquet(file, room); err != nil || sound != 3000 || bad != 0 {
					t.Fatalf("%d rows, %d bad, %v", sound, bad, err)
				}
				if _, _, err := readParquet(file, 100<<10); err == nil || !strings.Contains(err.Error(), "give more memory") {
					t.Errorf("with room for any of its pages and not for all: %v", err)
				}
				if sound, bad, err := readParquet(parquetFile(t, codec, version, 3, strings.Repeat("x", 2<<20)), room); err != nil || sound != 0 || bad != 3 {
					t.Errorf("values of 2 MiB: %d sound, %d bad, %v", sound, bad, err)
				}
				if sound, _, err := readParquet(parquetFile(t, codec, version, 30, strings.Repeat("x", 300<<10), parquet.DataPageStatistics(true)), room); err != nil || sound != 30 {
					t.Errorf("with statistics of 600 KiB for each page: %d sound, %v", sound, err)
				}
				random := rand.New(rand.NewPCG(1, 2))
				refused := 0
				for i := range 150 {
					broken := bytes.Clone(file)
					for range 1 + random.IntN(3) {
						at := random.IntN(len(broken))
						if i%2 == 0 {
							at = len(broken) - 1 - random.IntN(min(len(broken), 1200)) // the footer
						}
						broken[at] = byte(random.Uint32())
					}
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					if _, _, err := readParquet(broken, room); err != nil {
						refused++
					}
					runtime.ReadMemStats(&after)
					if took := after.TotalAlloc - before.TotalAlloc; took > 3*room {
						t.Errorf("damage %d: %d MiB allocated", i, took>>20)
					}
				}
				if refused < 20 {
					t.Errorf("%d of 150 damages are seen", refused)
				}
			})
		}
	}
}

// TestParquetWithLZ4: LZ4 is rejected, because the library decodes it wrongly.
func TestParquetWithLZ4(t *testing.T) {
	t.Parallel()
	if _, _, err := readParquet(parquetFile(t, &lz4.Codec{Level: lz4.DefaultLevel}, 1, 10, "value"), 64<<20); err == nil || !strings.Contains(err.Error(), "LZ4_RAW is not supported") {
		t.Error(err)
	}
}

// TestParquetPageOfAnotherSize: a page that does not decompress to the size that it states is
// rejected.
func TestParquetPageOfAnotherSize(t *testing.T) {
	t.Parallel()
	for name, codec := range codecs() {
		packed, err := codec.Encode(nil, bytes.Repeat([]byte("0123456789"), 100_000))
		if err != nil {
			t.Fatal(err)
		}
		for size, right := range map[int64]bool{1_000_000: true, 999_999: false, 1_000_001: false, 10: false} {
			if name == "none" && right {
				continue // an uncompressed page states its true length
			}
			section := io.NewSectionReader(bytes.NewReader(packed), 0, int64(len(packed)))
			if err := checkUncompressed(codec.CompressionCodec(), section, size); (err == nil) != right {
				t.Errorf("%s of 1,000,000 bytes that says %d: %v", name, size, err)
			}
		}
	}
}

// TestFooterSizeIsChecked: a footer that states more content than it has allocates no memory
// for it.
func TestFooterSizeIsChecked(t *testing.T) {
	file := func(length uint32, footer ...byte) []byte {
		return append(binary.LittleEndian.AppendUint32(append([]byte("PAR1"), footer...), length), "PAR1"...)
	}
	// A version, and a list of structures.
	schema := func(n uint64, elements ...byte) []byte {
		footer := append(binary.AppendUvarint([]byte{0x15, 2, 0x19, 0xfc}, n), elements...)
		return file(uint32(len(footer)), footer...)
	}
	for name, f := range map[string][]byte{
		"a footer beyond the file":    file(0x4000_0000, make([]byte, 100)...),
		"nothing":                     file(0),
		"more elements than bytes":    schema(1<<24, make([]byte, 100)...),
		"more elements than a bill's": schema(2_000_000, make([]byte, 2_000_001)...),
		"elements within elements":    schema(1, bytes.Repeat([]byte{0x1c}, 1000)...),
		"a text beyond the footer":    file(8, 0x15, 2, 0x68, 0xff, 0xff, 0xff, 0xff, 7),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := readParquet(f, 64<<20)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, errDamagedParquet) && (err == nil || !strings.Contains(err.Error(), "give more memory")) || took > 32<<20 {
			t.Errorf("%s: %v, and %d MiB", name, err, took>>20)
		}
	}
}
