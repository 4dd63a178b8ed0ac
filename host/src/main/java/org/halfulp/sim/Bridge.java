package org.halfulp.sim;

import com.sun.jna.FunctionMapper;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.file.Path;
import java.util.Map;

/**
 * {@code bridge.cpp}, bound by JNA's direct mapping. Addresses travel as {@code long}.
 *
 * <p>Measured against interface mapping: 78 against 351 ns a call.
 */
final class Bridge {
  static final int OPEN = 0;
  static final int FINISHED = 1;
  static final int FAILED = 2;
  static final int REFUSED = 3;
  static final int TEXT = 16;

  /** RTLD_NOW, without JNA's RTLD_GLOBAL, under which models of one name would mix. */
  private static final int OPEN_FLAGS = 2;

  private static boolean bound;

  private Bridge() {}

  /** Binds the natives on the first call; every bridge library of one jar is the same. */
  static synchronized void bind(Path library) {
    if (bound) {
      return;
    }
    FunctionMapper snakeCase =
        (lib, method) -> "halfulp_" + method.getName().replaceAll("(?=[A-Z])", "_").toLowerCase();
    try {
      Native.register(
          Bridge.class,
          NativeLibrary.getInstance(
              library.toString(),
              Map.of(
                  Library.OPTION_OPEN_FLAGS, OPEN_FLAGS,
                  Library.OPTION_FUNCTION_MAPPER, snakeCase)));
    } catch (LinkageError e) {
      throw new ToolException(
          "JNA cannot load " + library + ": " + e.getMessage() + "; run `halfulp doctor`", e);
    }
    bound = true;
  }

  static native long load(long path, long error, int size);

  static native long create(long table, long seed, long error, int size);

  static native int destroy(long dut);

  /** {@code final} is a keyword. */
  static native int finalBlocks(long dut);

  static native int poke(long dut, int port, long words);

  static native int pokeWord(long dut, int port, long value);

  static native int peek(long dut, int port, long words);

  static native long peekWord(long dut, int port);

  static native int eval(long dut);

  static native int tick(long dut, long cycles);

  static native int run(
      long dut,
      long stimulus,
      long response,
      long sent,
      long wanted,
      long repeat,
      int inStall,
      int outStall,
      long seed,
      long patience,
      long counts);

  static native int wave(long dut, long path);

  static native int coverage(long dut, long path);

  static native int takeText(long dut, long text, int size);

  static native int reason(long dut, long text, int size);
}
