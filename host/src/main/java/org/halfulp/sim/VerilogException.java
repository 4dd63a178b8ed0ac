package org.halfulp.sim;

/** The Verilog is at fault; the message is Verilator's own, with file and line. */
public final class VerilogException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public VerilogException(String message) {
    super(message);
  }
}
