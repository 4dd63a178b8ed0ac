/** Executes described runs and keeps their results. */
package org.halfulp.sweep;
