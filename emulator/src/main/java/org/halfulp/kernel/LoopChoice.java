package org.halfulp.kernel;

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
    if (!vectors || !hasVectors()) {
      return null;
    }
    try {
      boolean fits = (boolean) SINGLES.getDeclaredMethod("fits", Quantizer.class).invoke(null, q);
      return fits ? make(SINGLES, q) : null;
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
