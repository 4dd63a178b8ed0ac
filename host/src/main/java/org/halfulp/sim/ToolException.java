package org.halfulp.sim;

/**
 * A tool is missing or broke: nothing is known about the input. The message names the tool, its
 * command line, the last lines of its output and what to do.
 */
public final class ToolException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ToolException(String message) {
    super(message);
  }

  public ToolException(String message, Throwable cause) {
    super(message, cause);
  }
}
