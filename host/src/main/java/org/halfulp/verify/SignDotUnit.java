package org.halfulp.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.SignMatrix;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.Pace.Rank;

/**
 * {@code xnor_dot.v} and {@code sign_dot.v} as units of the catalogue: a row a lane, its sum after
 * {@code ceil(length / word)} beats. Twins: {@link SignMatrix}, and the plain sum of products.
 *
 * @param numbers format of the vector of {@code sign_dot}, at most 32 bits; empty: {@code xnor_dot}
 * @param length elements of a row, 1..1048576
 * @param word elements of a beat; those of the vector take 64 bits at most here
 */
record SignDotUnit(Optional<FixedFormat> numbers, int length, int word) implements Unit {
  private static final int VECTOR = 0;
  private static final int WEIGHTS = 1;

  SignDotUnit {
    if (length < 1 || length > 1 << 20) {
      throw new IllegalArgumentException("LENGTH must be in [1, 1048576], got " + length);
    }
    numbers.ifPresent(
        f -> {
          if (!f.signed() || f.width() > 32) {
            throw new IllegalArgumentException(
                "sign_dot takes signed fixed point of at most 32 bits, got " + f.name());
          }
        });
    int most = 64 / numbers.map(FixedFormat::width).orElse(1);
    if (word < 1 || word > most) {
      throw new IllegalArgumentException(
          "WORD must be in [1, %d] to be verified, got %d".formatted(most, word));
    }
  }

  @Override
  public String name() {
    return numbers.isEmpty() ? "xnor_dot" : "sign_dot";
  }

  @Override
  public String describe() {
    return "%s %s%d elements, %d a beat"
        .formatted(name(), numbers.map(f -> f.name() + ", ").orElse(""), length, word);
  }

  @Override
  public Map<String, String> labels() {
    return Map.of(
        "format", numbers.map(FixedFormat::name).orElse("sign"),
        "length", Integer.toString(length),
        "word", Integer.toString(word));
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build =
        VerilatorBuild.of(name(), sources)
            .with("LANES", lanes)
            .with("LENGTH", length)
            .with("WORD", word);
    return numbers.map(f -> build.with("X_WIDTH", f.width())).orElse(build);
  }

  private int width() {
    return numbers.map(FixedFormat::width).orElse(1);
  }

  @Override
  public List<Field> inputs() {
    return List.of(
        Field.perBeat(numbers.isEmpty() ? "in_h" : "in_x", word * width()),
        Field.bits("in_w", word));
  }

  @Override
  public List<Field> outputs() {
    int bits = 33 - Integer.numberOfLeadingZeros(length); // -length..length
    int frac = 0;
    if (numbers.isPresent()) {
      bits = width() + 33 - Integer.numberOfLeadingZeros(length - 1);
      frac = numbers.get().fracBits();
    }
    return List.of(Field.code("out_y", new FixedFormat(true, bits, frac)));
  }

  private int beats() {
    return (length + word - 1) / word;
  }

  @Override
  public boolean stateless() {
    return beats() == 1;
  }

  @Override
  public boolean reduces() {
    return beats() > 1;
  }

  @Override
  public Optional<Pace> pace(int lanes) {
    return Optional.of(new Pace(List.of(Rank.PLAIN, Rank.REDUCING)));
  }

  @Override
  public boolean answers(long[][] in, int beat) {
    return (beat + 1) % beats() == 0;
  }

  @Override
  public int frame() {
    return beats();
  }

  @Override
  public boolean isLegal(long[][] in, int beats, int lanes) {
    return beats % beats() == 0;
  }

  /** In half of the rows sums near both ends: of one sign in all elements, or in nearly all. */
  @Override
  public void shape(long from, int beats, int lanes, long[][] in) {
    for (int b = 0; b < beats; b++) {
      int kind = (int) Stimuli.mix((from + b) / beats()) & 15;
      if (kind > 7) {
        continue;
      }
      boolean extreme = numbers.isPresent() && kind < 2; // all x the least
      if (extreme) {
        in[VECTOR][b] = 0;
        for (int i = 0; i < word; i++) {
          in[VECTOR][b] |= 1L << i * width() + width() - 1;
        }
      }
      long signs = 0;
      for (int i = 0; i < word; i++) {
        signs |= (in[VECTOR][b] >>> i * width() + width() - 1 & 1) << i;
      }
      // the weights agree with the signs of the vector; a number's sign bit is 1 where it is
      // negative
      boolean agree = (kind & 1) == 0 == numbers.isEmpty();
      for (int l = 0; l < lanes; l++) {
        long other = kind < 4 ? 0 : in[WEIGHTS][b * lanes + l] & Stimuli.mix(from + b + l);
        in[WEIGHTS][b * lanes + l] =
            ((agree ? signs : ~signs) ^ other) & inputs().get(WEIGHTS).mask();
      }
    }
  }

  /** The sum of a row; {@code vector} and {@code weights} have an element a long, its low bits. */
  @FunctionalInterface
  private interface Row {
    long of(long[] vector, long[] weights);
  }

  private Twin twin(int lanes, Row row) {
    long[][] vector = new long[1][length];
    long[][] weights = new long[lanes][length];
    int[] done = new int[1]; // elements of the row at hand
    long mask = outputs().get(0).mask();
    return (in, beats, out) -> {
      int answers = 0;
      for (int b = 0; b < beats; b++) {
        int n = Math.min(word, length - done[0]);
        spread(in[VECTOR][b], width(), n, vector[0], done[0]);
        for (int l = 0; l < lanes; l++) {
          spread(in[WEIGHTS][b * lanes + l], 1, n, weights[l], done[0]);
        }
        done[0] += n;
        if (done[0] == length) {
          for (int l = 0; l < lanes; l++) {
            out[0][answers * lanes + l] = row.of(vector[0], weights[l]) & mask;
          }
          answers++;
          done[0] = 0;
        }
      }
      return answers;
    };
  }

  private static void spread(long packed, int width, int n, long[] out, int from) {
    for (int i = 0; i < n; i++) {
      out[from + i] = packed >>> i * width & -1L >>> -width;
    }
  }

  private static void pack(long[] bits, long[] packed) {
    Arrays.fill(packed, -1); // padding does not count
    for (int i = 0; i < bits.length; i++) {
      packed[i >> 6] &= ~((1 - bits[i]) << i);
    }
  }

  private long number(long code) {
    return code << 64 - width() >> 64 - width();
  }

  @Override
  public Twin twin(int lanes, long seed) {
    long[] a = new long[SignMatrix.words(length)];
    long[] b = new long[a.length];
    long[] codes = new long[length];
    return twin(
        lanes,
        (vector, weights) -> {
          pack(weights, a);
          if (numbers.isEmpty()) {
            pack(vector, b);
            return SignMatrix.dot(a, 0, b, 0, length);
          }
          for (int i = 0; i < length; i++) {
            codes[i] = number(vector[i]);
          }
          return SignMatrix.signedSum(a, 0, codes, length);
        });
  }

  @Override
  public Twin exact(int lanes, long seed) {
    return twin(
        lanes,
        (vector, weights) -> {
          long sum = 0;
          for (int i = 0; i < length; i++) {
            long x = numbers.isEmpty() ? 2 * vector[i] - 1 : number(vector[i]);
            sum += (2 * weights[i] - 1) * x;
          }
          return sum;
        });
  }
}
