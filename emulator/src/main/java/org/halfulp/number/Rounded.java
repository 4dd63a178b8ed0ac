package org.halfulp.number;

/**
 * A rounded result.
 *
 * @param code the result's code
 * @param flags bits of {@link Flags}
 */
public record Rounded(long code, int flags) {}
