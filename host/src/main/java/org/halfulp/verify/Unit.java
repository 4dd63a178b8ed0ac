package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilatorBuild;

/**
 * A stream unit with its parameters chosen: how to build it, what its ports mean, and what its
 * twins say.
 *
 * <p>A unit of the catalogue implements this and a {@link UnitFamily} that makes it from what the
 * user asks for. Its ports are {@code clk rst_n in_valid in_ready in_* out_valid out_ready out_*},
 * or {@code in_*} and {@code out_*} alone if it is combinational.
 */
public interface Unit {
  /** Name of the top: {@code fp_add}. */
  String name();

  /** All that was chosen, in words: {@code "fp_add float16 rne none"}. */
  String describe();

  /** What was chosen, for machines: {@code format}, {@code rounding}, ... */
  default Map<String, String> labels() {
    return Map.of();
  }

  /**
   * The build of a top with {@code lanes} lanes.
   *
   * @param sources every file it needs
   */
  VerilatorBuild build(List<Path> sources, int lanes);

  /** The ports of a stimulus row; any order. */
  List<Field> inputs();

  /** The ports of a response row; any order. */
  List<Field> outputs();

  /** The fast twin, in the state after reset and {@link #prepare}. */
  Twin twin(int lanes, long seed);

  /** The slow twin: the contract's exact meaning, written apart from the fast one. */
  Twin exact(int lanes, long seed);

  /** Whether an answer depends on its own beat alone. */
  default boolean stateless() {
    return true;
  }

  /** Whether some beats have no answer. */
  default boolean reduces() {
    return false;
  }

  /** Whether the answer to {@code beat}, and to those before it, leaves with it. */
  default boolean answers(long[][] in, int beat) {
    return true;
  }

  /** The time that a stream keeps; none if it is not known. */
  default Optional<Pace> pace(int lanes) {
    return Optional.empty();
  }

  /** What goes on from {@code beat}, one a clock, if it is not the beat as a whole. */
  default int elements(long[][] in, int beat, int lanes) {
    return 1;
  }

  /** Beats that stay together: what is sent at once is a multiple of it. */
  default int frame() {
    return 1;
  }

  /** Makes drawn beats legal, and more telling than chance does. */
  default void shape(long from, int beats, int lanes, long[][] columns) {}

  /** Whether these beats, the first ones after reset, keep to what the unit asks of its inputs. */
  default boolean isLegal(long[][] in, int beats, int lanes) {
    return true;
  }

  /** Lanes where nothing is asked for: as many as simulate fast. */
  default int lanes() {
    return allows(16) ? 16 : 1;
  }

  /** Whether {@code lanes} lanes are possible. */
  default boolean allows(int lanes) {
    return lanes >= 1;
  }

  /** The most answer beats that {@code beats} beats can have. */
  default int maxAnswers(int beats) {
    return beats;
  }

  /** What a reader of the result should know, in lines for people. */
  default List<String> notes() {
    return List.of();
  }

  /** Opens and resets a model. */
  default Dut open(VerilatedLibrary library, Consumer<String> display) {
    return Dut.open(library, display, 1);
  }

  /** Whether answers of the RTL go through {@link #normalize} before they are compared. */
  default boolean normalizes() {
    return false;
  }

  /** Replaces answers that count as equal to another by that one; called once a run. */
  default void normalize(long[][] answers, int beats) {}

  /** Brings a model that was just reset into its first state: loads seeds, for example. */
  default void prepare(Dut dut, int lanes, long seed) {}

  /** Every input that matters, if that is possible and means something. */
  default Optional<Stimuli> exhaustive(int lanes, long seed) {
    return ExhaustiveStimuli.of(this, lanes, seed);
  }

  /** Inputs without end by the classes of their operands. */
  default Stimuli sampled(int lanes, long seed) {
    return new ClassStimuli(this, lanes, seed);
  }

  /**
   * A unit of the same kind on small formats, whose operand classes and outcomes this one is
   * expected to reach as well; none if this one is small itself.
   */
  default Optional<Unit> relative() {
    return Optional.empty();
  }

  /**
   * What comes before a word that is wrong, in lines for people: the exact result, how it is
   * rounded, and which step the RTL got wrong first; none if the unit has nothing to say.
   *
   * @param in the columns of one beat
   * @param expected a value for each output, {@code got} from the RTL
   */
  default List<String> explain(long[][] in, int lane, long[] expected, long[] got) {
    return List.of();
  }
}
