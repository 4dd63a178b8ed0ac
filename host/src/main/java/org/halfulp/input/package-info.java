/** What users write, read and checked. */
package org.halfulp.input;
