/**
 * The command {@code halfulp}.
 *
 * <p>Exit codes: 0 good, 1 a check failed, 2 bad usage or input, 3 a tool is missing or broke.
 */
package org.halfulp.cli;
