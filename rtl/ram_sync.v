// ram_sync: an on-chip memory of DEPTH words, one write port and one read port.
//
//   write      the word at write_addr <- write_data at this edge
//   read       read_data <- the word at read_addr, as it was before this edge
//
// Read data stay until the next read.  Words are undefined until they are written; no reset.  DEPTH = 1 is a register.
//
// Latency of a read 1.  Java twin: none of its own.
`default_nettype none
module ram_sync #(
    parameter integer W      = 8,
    parameter integer DEPTH  = 16,
    parameter integer ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire              clk,
    input  wire              write,
    input  wire [ADDR_W-1:0] write_addr,
    input  wire [     W-1:0] write_data,
    input  wire              read,
    input  wire [ADDR_W-1:0] read_addr,
    output wire [     W-1:0] read_data
);
  generate
    if (W < 1 || DEPTH < 1) begin : g_check_size
      $error("ram_sync: W and DEPTH must be at least 1");
    end
  endgenerate

  reg [W-1:0] words[0:DEPTH-1];
  reg [W-1:0] read_q;
  generate
    if (DEPTH == 1) begin : g_one
      always @(posedge clk) begin
        if (write) words[0] <= write_data;
        if (read) read_q <= words[0];
      end
      wire _unused = &{1'b0, write_addr, read_addr};
    end else begin : g_many
      always @(posedge clk) begin
        if (write) words[write_addr] <= write_data;
        if (read) read_q <= words[read_addr];
      end
    end
  endgenerate
  assign read_data = read_q;
endmodule
`default_nettype wire
