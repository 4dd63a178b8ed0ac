/** Pairs of twins: the RTL of a unit beside its emulator, word by word. */
package org.halfulp.verify;
