package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a command line answered. */
record Cli(int exit, String out, String err) {

  static Cli run(String... args) {
    return on("", args);
  }

  static Cli on(String input, String... args) {
    return on(input.getBytes(StandardCharsets.ISO_8859_1), args);
  }

  static Cli on(byte[] input, String... args) {
    return on(new ByteArrayInputStream(input), args);
  }

  static Cli on(InputStream input, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int exit = Main.run(args, input, out, err);
    return new Cli(
        exit,
        out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"),
        err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
  }

  /** Splits a command line at blanks. */
  static Cli line(String input, String command) {
    return on(input, command.split(" "));
  }

  Cli exits(int expected) {
    assertEquals(expected, exit, this::toString);
    return this;
  }

  Cli prints(String expected) {
    assertEquals(expected, out, this::toString);
    return this;
  }

  Cli says(String part) {
    assertTrue(err.contains(part), () -> "no '" + part + "' in " + this);
    return this;
  }

  Cli shows(String part) {
    assertTrue(out.contains(part), () -> "no '" + part + "' in " + this);
    return this;
  }

  /** A message for people: no trace, no control characters, bounded. */
  Cli isCivil() {
    assertFalse(err.contains("\tat ") || err.contains("Exception"), this::toString);
    assertTrue(err.chars().allMatch(c -> c == '\n' || c >= ' ' && c != 127), this::toString);
    assertTrue(err.length() < 5000, () -> err.length() + " characters of message");
    return this;
  }
}
