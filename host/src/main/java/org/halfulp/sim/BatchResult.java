package org.halfulp.sim;

/**
 * What one batch took.
 *
 * @param cycles rising edges of {@code clk}, or rows of a combinational top
 * @param accepted stimulus rows taken
 * @param returned response rows written
 * @param nanoseconds in native code
 */
public record BatchResult(long cycles, long accepted, long returned, long nanoseconds) {}
