package org.halfulp.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal. */
public final class Hash {
  private final MessageDigest digest;

  public Hash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Adds bytes behind their length, so that neighbours cannot be confused. */
  public Hash add(byte[] bytes) {
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(bytes);
    return this;
  }

  public Hash add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  public static String of(String... texts) {
    Hash hash = new Hash();
    for (String text : texts) {
      hash.add(text);
    }
    return hash.hex();
  }

  static String of(Path file) throws IOException {
    return new Hash().add(Files.readAllBytes(file)).hex();
  }
}
