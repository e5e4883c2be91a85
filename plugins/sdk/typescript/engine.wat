;; Joins QuickJS (npm quickjs-wasi) to the interface of plugins: `alloc` and `run` outwards, one function `__maestro` into
;; the script. The build writes the script into the segment, drops the host functions that the manifest does not ask for
;; (a line that ends in ;;@capability), and merges both modules into one.
(module
  (import "quickjs" "memory" (memory 0))
  (import "quickjs" "qjs_init" (func $init (result i32)))
  (import "quickjs" "qjs_eval" (func $eval (param i32 i32 i32 i32) (result i32)))
  (import "quickjs" "qjs_call" (func $call (param i32 i32 i32 i32) (result i32)))
  (import "quickjs" "qjs_get_global" (func $get_global (result i32)))
  (import "quickjs" "qjs_get_undefined" (func $undefined (result i32)))
  (import "quickjs" "qjs_get_exception" (func $get_exception (result i32)))
  (import "quickjs" "qjs_get_float64" (func $get_number (param i32) (result f64)))
  (import "quickjs" "qjs_get_string_len" (func $get_string (param i32 i32) (result i32)))
  (import "quickjs" "qjs_get_array_buffer" (func $get_buffer (param i32 i32) (result i32)))
  (import "quickjs" "qjs_get_typed_array_buffer" (func $buffer_of (param i32 i32 i32 i32) (result i32)))
  (import "quickjs" "qjs_free_cstring" (func $free_string (param i32)))
  (import "quickjs" "qjs_free_value" (func $free_value (param i32)))
  (import "quickjs" "qjs_is_exception" (func $is_exception (param i32) (result i32)))
  (import "quickjs" "qjs_is_string" (func $is_string (param i32) (result i32)))
  (import "quickjs" "qjs_new_host_function" (func $new_function (param i32 i32 i32) (result i32)))
  (import "quickjs" "qjs_new_number" (func $new_number (param f64) (result i32)))
  (import "quickjs" "qjs_new_string" (func $new_string (param i32 i32) (result i32)))
  (import "quickjs" "qjs_new_uint8_array" (func $new_bytes (param i32 i32) (result i32)))
  (import "quickjs" "qjs_set_max_stack_size" (func $set_stack (param i32)))
  (import "quickjs" "qjs_set_prop_string" (func $set_property (param i32 i32 i32) (result i32)))
  (import "quickjs" "wasm_malloc" (func $malloc (param i32) (result i32)))
  (import "quickjs" "wasm_free" (func $free (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "maestro:host@1" "take" (func $take (param i32 i32) (result i32)))
  (import "maestro:host@1" "now" (func $now (result i64)))
  (import "maestro:host@1" "random" (func $random (result i64)))
  (import "maestro:fs@1" "read" (func $fs_read (param i32 i32) (result i32))) ;;@fs_read
  (import "maestro:fs@1" "list" (func $fs_list (param i32 i32) (result i32))) ;;@fs_read
  (import "maestro:text@1" "find" (func $text_find (param i32 i32 i32 i32 i32 i32) (result i32))) ;;@regex
  (import "maestro:ast@1" "find" (func $ast_find (param i32 i32 i32 i32 i32 i32) (result i32))) ;;@ast
  (import "maestro:ast@1" "rewrite" (func $ast_rewrite (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32))) ;;@ast
  (import "maestro:log@1" "write" (func $log_write (param i32 i32 i32))) ;;@log
  (import "maestro:kv@1" "get" (func $kv_get (param i32 i32) (result i32))) ;;@kv
  (import "maestro:kv@1" "set" (func $kv_set (param i32 i32 i32 i32) (result i32))) ;;@kv

  ;; "__maestro\0plugin.js\0", then the script and a zero.
  (data $script "@SCRIPT@")
  (global $size i32 (i32.const @SIZE@))
  ;; 128 bytes: 0 to 15 for answers of the engine, 16 to 31 arguments of a call, 32 on the strings to free, 64 their number.
  (global $scratch (mut i32) (i32.const 0))
  (global $p (mut i32) (i32.const 0))
  (global $n (mut i32) (i32.const 0))

  (func (export "alloc") (param $size i32) (result i32) (call $malloc (local.get $size)))

  ;; Bytes of an argument, a string or an Uint8Array, into $p and $n.
  (func $bytes (param $argv i32) (param $index i32)
    (local $value i32) (local $buffer i32) (local $s i32)
    (local.set $s (global.get $scratch))
    (local.set $value (i32.load (i32.add (local.get $argv) (i32.shl (local.get $index) (i32.const 2)))))
    (if (call $is_string (local.get $value))
      (then
        (global.set $p (call $get_string (local.get $value) (local.get $s)))
        (global.set $n (i32.load (local.get $s)))
        (i32.store (i32.add (i32.add (local.get $s) (i32.const 32)) (i32.shl (i32.load offset=64 (local.get $s)) (i32.const 2))) (global.get $p))
        (i32.store offset=64 (local.get $s) (i32.and (i32.add (i32.load offset=64 (local.get $s)) (i32.const 1)) (i32.const 7)))
        (return)))
    (local.set $buffer (call $buffer_of (local.get $value) (local.get $s) (i32.add (local.get $s) (i32.const 4)) (i32.add (local.get $s) (i32.const 8))))
    (if (call $is_exception (local.get $buffer)) (then (unreachable)))
    (global.set $n (i32.load offset=4 (local.get $s)))
    (global.set $p (i32.add (i32.load (local.get $s)) (call $get_buffer (local.get $buffer) (i32.add (local.get $s) (i32.const 12)))))
    (call $free_value (local.get $buffer)))

  (func $number (param $argv i32) (param $index i32) (result i32)
    (i32.trunc_sat_f64_s (call $get_number (i32.load (i32.add (local.get $argv) (i32.shl (local.get $index) (i32.const 2)))))))

  ;; What the host holds, as an Uint8Array; its refusal, a negative number.
  (func $held (param $length i32) (result i32)
    (local $at i32) (local $value i32)
    (if (i32.lt_s (local.get $length) (i32.const 0)) (then (return (call $new_number (f64.convert_i32_s (local.get $length))))))
    (local.set $at (call $malloc (i32.add (local.get $length) (i32.const 1))))
    (if (i32.eqz (local.get $at)) (then (unreachable)))
    (drop (call $take (local.get $at) (local.get $length)))
    (local.set $value (call $new_bytes (local.get $at) (local.get $length)))
    (call $free (local.get $at))
    (local.get $value))

  ;; The one function that the script sees: a number that says what, then strings, bytes and numbers.
  (func (export "host_call") (param $name i32) (param $nameLength i32) (param $this i32) (param $argc i32) (param $argv i32) (result i32)
    (local $s i32) (local $answer i32)
    (local.set $s (global.get $scratch))
    (i32.store offset=64 (local.get $s) (i32.const 0))
    (local.set $answer (call $dispatch (call $number (local.get $argv) (i32.const 0)) (local.get $argv)))
    (block $done (loop $free_strings
      (br_if $done (i32.eqz (i32.load offset=64 (local.get $s))))
      (i32.store offset=64 (local.get $s) (i32.sub (i32.load offset=64 (local.get $s)) (i32.const 1)))
      (call $free_string (i32.load offset=32 (i32.add (local.get $s) (i32.shl (i32.load offset=64 (local.get $s)) (i32.const 2)))))
      (br $free_strings)))
    (local.get $answer))

  (func $dispatch (param $what i32) (param $argv i32) (result i32)
    (local $a i32) (local $an i32) (local $b i32) (local $bn i32) (local $c i32) (local $cn i32)
    (if (i32.eq (local.get $what) (i32.const 2)) (then (return (call $new_number (f64.convert_i64_u (call $now))))))
    (if (i32.eq (local.get $what) (i32.const 3)) (then (return (call $new_number (f64.convert_i64_u (i64.shr_u (call $random) (i64.const 11)))))))
    (if (i32.eq (local.get $what) (i32.const 40))
      (then
        (call $bytes (local.get $argv) (i32.const 2))
        (call $log_write (call $number (local.get $argv) (i32.const 1)) (global.get $p) (global.get $n)) ;;@log
        (return (call $undefined))))
    (call $bytes (local.get $argv) (i32.const 1))
    (if (i32.eq (local.get $what) (i32.const 0)) (then (return (call $new_string (global.get $p) (global.get $n)))))
    (if (i32.eq (local.get $what) (i32.const 1)) (then (return (call $new_bytes (global.get $p) (global.get $n)))))
    (if (i32.eq (local.get $what) (i32.const 10)) (then (return (call $held (call $fs_read (global.get $p) (global.get $n)))))) ;;@fs_read
    (if (i32.eq (local.get $what) (i32.const 11)) (then (return (call $held (call $fs_list (global.get $p) (global.get $n)))))) ;;@fs_read
    (if (i32.eq (local.get $what) (i32.const 50)) (then (return (call $held (call $kv_get (global.get $p) (global.get $n)))))) ;;@kv
    (local.set $a (global.get $p)) (local.set $an (global.get $n))
    (call $bytes (local.get $argv) (i32.const 2))
    (local.set $b (global.get $p)) (local.set $bn (global.get $n))
    (if (i32.eq (local.get $what) (i32.const 51)) (then (return (call $new_number (f64.convert_i32_s (call $kv_set (local.get $a) (local.get $an) (local.get $b) (local.get $bn))))))) ;;@kv
    (if (i32.eq (local.get $what) (i32.const 20)) (then (return (call $held (call $text_find (local.get $a) (local.get $an) (local.get $b) (local.get $bn) (call $number (local.get $argv) (i32.const 3)) (call $number (local.get $argv) (i32.const 4))))))) ;;@regex
    (call $bytes (local.get $argv) (i32.const 3))
    (local.set $c (global.get $p)) (local.set $cn (global.get $n))
    (if (i32.eq (local.get $what) (i32.const 30)) (then (return (call $held (call $ast_find (local.get $a) (local.get $an) (local.get $b) (local.get $bn) (local.get $c) (local.get $cn)))))) ;;@ast
    (call $bytes (local.get $argv) (i32.const 4))
    (if (i32.eq (local.get $what) (i32.const 31)) (then (return (call $held (call $ast_rewrite (local.get $a) (local.get $an) (local.get $b) (local.get $bn) (local.get $c) (local.get $cn) (global.get $p) (global.get $n)))))) ;;@ast
    (call $undefined))

  ;; What the engine asks of its surroundings besides: no time zone, no modules, nothing else interrupts.
  (func (export "host_get_timezone_offset") (param i32 i32) (result i32) (i32.const 0))
  (func (export "host_interrupt") (result i32) (i32.const 0))
  (func (export "host_promise_rejection") (param i32 i32 i32))
  (func (export "host_module_normalize") (param i32 i32) (result i32) (i32.const 0))
  (func (export "host_module_load") (param i32 i32) (result i32) (i32.const 0))

  ;; Says why to standard error, which is the log, and traps.
  (func $fail
    (local $s i32)
    (local.set $s (global.get $scratch))
    (i32.store offset=16 (local.get $s) (call $get_exception))
    (call $bytes (i32.add (local.get $s) (i32.const 16)) (i32.const 0))
    (i32.store offset=16 (local.get $s) (global.get $p))
    (i32.store offset=20 (local.get $s) (global.get $n))
    (drop (call $fd_write (i32.const 2) (i32.add (local.get $s) (i32.const 16)) (i32.const 1) (i32.add (local.get $s) (i32.const 24))))
    (unreachable))

  (func (export "run") (param $input i32) (param $length i32) (result i64)
    (local $s i32) (local $code i32) (local $value i32)
    (if (call $init) (then (unreachable)))
    (call $set_stack (i32.const 524288)) ;; half of the stack, so that the engine says so before it is full
    (local.set $s (call $malloc (i32.const 128)))
    (global.set $scratch (local.get $s))
    (i32.store offset=64 (local.get $s) (i32.const 0))
    (local.set $code (call $malloc (global.get $size)))
    (if (i32.eqz (local.get $code)) (then (unreachable)))
    (memory.init $script (local.get $code) (i32.const 0) (global.get $size))
    (drop (call $set_property (call $get_global) (local.get $code) (call $new_function (local.get $code) (i32.const 9) (i32.const 1))))
    (local.set $value (call $eval (i32.add (local.get $code) (i32.const 20)) (i32.sub (global.get $size) (i32.const 21)) (i32.add (local.get $code) (i32.const 10)) (i32.const 0)))
    (if (call $is_exception (local.get $value)) (then (call $fail)))
    (i32.store offset=16 (local.get $s) (call $new_string (local.get $input) (local.get $length)))
    (local.set $value (call $call (local.get $value) (call $undefined) (i32.const 1) (i32.add (local.get $s) (i32.const 16))))
    (if (call $is_exception (local.get $value)) (then (call $fail)))
    (i32.store offset=16 (local.get $s) (local.get $value))
    (call $bytes (i32.add (local.get $s) (i32.const 16)) (i32.const 0))
    (i64.or (i64.shl (i64.extend_i32_u (global.get $p)) (i64.const 32)) (i64.extend_i32_u (global.get $n)))))
