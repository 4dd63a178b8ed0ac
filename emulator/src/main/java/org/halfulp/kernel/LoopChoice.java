package org.halfulp.kernel;

import java.util.List;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;

/**
 * Whether inner loops run by vectors, decided once: the JVM has the module {@code
 * jdk.incubator.vector}, and the classes built on it ({@code Vector*}) link with this JDK's version
 * of it.
 */
final class LoopChoice {
  private static final Class<? extends ScalarRounding> ROUNDING =
      load("VectorRounding", ScalarRounding.class);
  private static final Class<? extends ScalarStreams> STREAMS =
      load("VectorStreams", ScalarStreams.class);
  private static final Class<? extends ScalarSums> SUMS = load("VectorSums", ScalarSums.class);
  private static final Class<? extends SingleRounding> SINGLES =
      load("VectorSingles", SingleRounding.class);
  private static final Class<? extends ArrayDecoding> DECODING =
      load("VectorDecoding", ArrayDecoding.class);
  private static final Class<? extends ShortOperation> SHORTS =
      load("VectorShortOperation", ShortOperation.class);

  private LoopChoice() {}

  static boolean hasVectors() {
    return ROUNDING != null && STREAMS != null && SUMS != null && SINGLES != null;
  }

  private static <T> Class<? extends T> load(String name, Class<T> scalar) {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return null;
    }
    try {
      Class<?> type = Class.forName(LoopChoice.class.getPackageName() + "." + name);
      boolean wide = (boolean) type.getDeclaredMethod("isWide").invoke(null);
      return wide ? type.asSubclass(scalar) : null;
    } catch (LinkageError | ReflectiveOperationException e) {
      return null; // another version of the incubating module: the scalar loops give the same bits
    }
  }

  /** Loops for {@code q}, by vectors if they are wanted and there. */
  static ScalarRounding rounding(Quantizer q, boolean vectors) {
    return vectors && hasVectors() ? make(ROUNDING, q) : new ScalarRounding(q);
  }

  /** Loops in binary32 for {@code q}, or null. */
  static SingleRounding singles(Quantizer q, boolean vectors) {
    return vectors && hasVectors()
        ? makeIfItFits(SINGLES, new Class<?>[] {Quantizer.class}, q)
        : null;
  }

  /** Loops for codes of {@code format}, or null. */
  static ArrayDecoding decoding(Format format) {
    return DECODING == null ? null : makeIfItFits(DECODING, new Class<?>[] {Format.class}, format);
  }

  /** Loops for an operation on codes in shorts, or null. */
  static ShortOperation shorts(Op op, List<Format> operands, Quantizer to) {
    Class<?>[] types = {Op.class, List.class, Quantizer.class};
    return SHORTS == null ? null : makeIfItFits(SHORTS, types, op, operands, to);
  }

  private static <T> T makeIfItFits(Class<T> loops, Class<?>[] types, Object... of) {
    try {
      boolean fits = (boolean) loops.getDeclaredMethod("fits", types).invoke(null, of);
      return fits ? loops.getDeclaredConstructor(types).newInstance(of) : null;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  static ScalarStreams streams(boolean vectors) {
    return vectors && hasVectors() ? make(STREAMS) : new ScalarStreams();
  }

  static ScalarSums sums(boolean vectors) {
    return vectors && hasVectors() ? make(SUMS) : new ScalarSums();
  }

  private static <T> T make(Class<T> loops, Quantizer... of) {
    try {
      return of.length == 0
          ? loops.getDeclaredConstructor().newInstance()
          : loops.getDeclaredConstructor(Quantizer.class).newInstance(of[0]);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
