/**
 * Verilog to a shared library, built once and cached, to a model that runs batches of beats in
 * native code.
 *
 * <p>{@link org.halfulp.sim.VerilatorBuild} says what to build, {@link org.halfulp.sim.ModelCache}
 * builds it, {@link org.halfulp.sim.Dut} runs it.
 */
package org.halfulp.sim;
