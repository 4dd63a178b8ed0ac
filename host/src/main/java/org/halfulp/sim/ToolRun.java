package org.halfulp.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One finished run of a tool.
 *
 * @param output of both streams
 */
record ToolRun(List<String> command, int exit, String output) {
  private static final int LIMIT_MINUTES = 10;
  private static final int LAST_LINES = 20;

  /**
   * @throws ToolException if the tool cannot be started
   */
  static ToolRun of(List<String> command, Path folder) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES)
          .execute(
              () -> {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
              });
      try {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new ToolRun(command, process.waitFor(), output);
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new ToolException(command.get(0) + " was interrupted", e);
      }
    } catch (IOException e) {
      throw new ToolException(
          command.get(0) + " cannot be started: " + e.getMessage() + "; run `make setup`", e);
    }
  }

  ToolException failure(String advice) {
    String how =
        exit > 128 ? "was killed by signal " + (exit - 128) : "ended with exit code " + exit;
    return failure(how, advice);
  }

  ToolException failure(String how, String advice) {
    List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
    String last =
        lines.stream()
            .skip(Math.max(0, lines.size() - LAST_LINES))
            .map(l -> "\n  " + l)
            .collect(Collectors.joining());
    return new ToolException(
        command.get(0)
            + " "
            + how
            + "; "
            + advice
            + "\ncommand: "
            + String.join(" ", command)
            + (last.isEmpty() ? "\nit printed nothing" : "\nlast lines:" + last));
  }
}
