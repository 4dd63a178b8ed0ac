/** What a unit costs: synthesis, place and route, and an estimate where there are too many. */
package org.halfulp.cost;
