// A kernel stands where one is needed to write what is carried or returned.
//
// RUN: sinter-opt %s --verify-numerics --pass-pipeline='builtin.module(func.func(insert-copies))' --remarks-filter=.* -split-input-file -verify-diagnostics | FileCheck %s

// A kernel of the layer makes what it hands on, last of all who read what it was given: nothing to copy. What starts
// the layers is a kernel's result that nobody else reads.

// CHECK-LABEL: @in_place
// CHECK-COUNT-4: = sinter.row_group
// CHECK-NOT: sinter.row_group
func.func @in_place(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %e = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %y = sinter.repeat %l in 2 (%a = %e : !sinter.tensor<[N, 4], f32>) {
    %b = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
      %j = sinter.tanh %i : <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    %c = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
      %j = sinter.neg %i : <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %c : !sinter.tensor<[N, 4], f32>
  }
  %z = sinter.row_group (%i = %y : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.abs %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %z : !sinter.tensor<[N, 4], f32>
}

// -----

// The kernel that makes what is handed on reads what the layer was given, each element where it writes the new one, and
// sums of a row before it writes any of it: it may write over it. So may a linear group behind its contraction.

// CHECK-LABEL: @reads_while_writing
// CHECK: sinter.repeat
// CHECK: %[[M:.*]] = sinter.row_group
// CHECK: %[[N:.*]] = sinter.linear_group
// CHECK: sinter.yield %[[M]], %[[N]] :
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @reads_while_writing(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %e = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %d = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.abs %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  %y:2 = sinter.repeat %l in 2 (%a = %e : !sinter.tensor<[N, 4], f32>, %b = %d : !sinter.tensor<[N, 4], f32>) {
    %m = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
      %s = sinter.reduce sum %i axis 1 : <[N, 4], f32> -> <[N, 1], f32>
      %j = sinter.div %i, %s : <[N, 4], f32>, <[N, 1], f32> -> <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    %n = sinter.linear_group (%i = %b : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> {
      %c = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
      %j = sinter.add %c, %i : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %m, %n : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
  }
  %z = sinter.row_group (%i = %y#0 : !sinter.tensor<[N, 4], f32>, %k = %y#1 : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.add %i, %k : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %z : !sinter.tensor<[N, 4], f32>
}

// -----

// Not where it reads other elements than the one that it writes, where another result of it is made later, or where a
// linear group has nothing behind its contraction: then its panels are written while others are read.

// CHECK-LABEL: @reads_elsewhere
// CHECK: sinter.repeat
// CHECK-COUNT-2: = sinter.row_group
// CHECK: = sinter.linear_group
// CHECK-COUNT-3: = sinter.row_group
// CHECK: sinter.yield %{{.*}}, %{{.*}}, %{{.*}} :
sinter.parameter @w layers 1 : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>> {
^bb0(%layer: index):
  %w = sinter.weight "w" : <[4, 4], f32>
  %p = sinter.pack %w : <[4, 4], f32> -> <[4, 4], f32, <columns = 16, depth = 1>>
  sinter.yield %p : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
}
func.func @reads_elsewhere(%x: !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
  %w = sinter.parameter_load @w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>
  %e:3 = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
    %j = sinter.exp %i : <[N, 4], f32>
    %k = sinter.abs %i : <[N, 4], f32>
    %o = sinter.neg %i : <[N, 4], f32>
    sinter.yield %j, %k, %o : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
  }
  %y:3 = sinter.repeat %l in 2 (%a = %e#0 : !sinter.tensor<[N, 4], f32>, %b = %e#1 : !sinter.tensor<[N, 4], f32>, %c = %e#2 : !sinter.tensor<[N, 4], f32>) {
    // expected-remark @+1 {{Remark="copied: ", Remark="the kernel that makes it reads other elements of the old value behind those that it has written"}}
    %m = sinter.row_group (%i = %a : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
      %s = sinter.slice %i axis 1 from 0 size 2 stride 1 : <[N, 4], f32> -> <[N, 2], f32>
      %t = sinter.slice %i axis 1 from 2 size 2 stride 1 : <[N, 4], f32> -> <[N, 2], f32>
      %j = sinter.concat %t, %s axis 1 : !sinter.tensor<[N, 2], f32>, !sinter.tensor<[N, 2], f32> -> <[N, 4], f32>
      sinter.yield %j : !sinter.tensor<[N, 4], f32>
    }
    // expected-remark @+1 {{Remark="copied: ", Remark="its kernel has other results too"}}
    %n:2 = sinter.row_group (%i = %b : !sinter.tensor<[N, 4], f32>, %k = %m : !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
      %j = sinter.neg %i : <[N, 4], f32>
      %s = sinter.add %i, %k : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
      sinter.yield %j, %s : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
    }
    // expected-remark @+1 {{Remark="copied: ", Remark="the kernel that makes it reads other elements of the old value behind those that it has written"}}
    %o = sinter.linear_group (%i = %c : !sinter.tensor<[N, 4], f32>, %v = %w : !sinter.packed<[4, 4], f32, <columns = 16, depth = 1>>) -> !sinter.tensor<[N, 4], f32> {
      %q = sinter.linear %i, %v : <[N, 4], f32>, <[4, 4], f32, <columns = 16, depth = 1>> -> <[N, 4], f32>
      sinter.yield %q : !sinter.tensor<[N, 4], f32>
    }
    sinter.yield %m, %n#0, %o : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
  }
  %z = sinter.row_group (%i = %y#0 : !sinter.tensor<[N, 4], f32>, %k = %y#1 : !sinter.tensor<[N, 4], f32>, %h = %y#2 : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.add %i, %k : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
    %g = sinter.add %j, %h : <[N, 4], f32>, <[N, 4], f32> -> <[N, 4], f32>
    sinter.yield %g : !sinter.tensor<[N, 4], f32>
  }
  return %z : !sinter.tensor<[N, 4], f32>
}

// -----

// Two carried values that change places, and an argument that the layers start from: everything is copied.

// CHECK-LABEL: @swap
// CHECK-COUNT-2: sinter.row_group {{.*}} -> !sinter.tensor<[N, 4], f32> {
// CHECK: %[[Y:.*]]:2 = sinter.repeat %{{.*}} in 3 (%[[A:.*]] = %{{.*}}, %[[B:.*]] = %{{.*}})
// CHECK: %[[FIRST:.*]] = sinter.row_group (%{{.*}} = %[[B]]
// CHECK: %[[SECOND:.*]] = sinter.row_group (%{{.*}} = %[[A]]
// CHECK: sinter.yield
func.func @swap(%x: !sinter.tensor<[N, 4], f32>, %z: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  // expected-remark @-1 {{what the layers start from is read otherwise too, or is not a kernel's result}}
  // expected-remark @+3 {{what a layer hands on is not a result of a kernel of its own}}
  // expected-remark @+2 {{the value that a layer was given is still read when the one that it hands on is made}}
  // expected-remark @+1 {{what the entry returns is not a kernel's own result}}
  %y:2 = sinter.repeat %l in 3 (%a = %x : !sinter.tensor<[N, 4], f32>, %b = %z : !sinter.tensor<[N, 4], f32>) {
    sinter.yield %b, %a : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
  }
  return %y#0, %y#1 : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

// The caller's buffer is written by a kernel of its own: an argument, or a value returned twice, is copied there.

// CHECK-LABEL: @returned
// CHECK: %[[A:.*]] = sinter.row_group
// CHECK: sinter.exp
// CHECK: %[[X:.*]] = sinter.row_group (%{{.*}} = %arg0
// CHECK: %[[B:.*]] = sinter.row_group (%{{.*}} = %[[A]]
// CHECK: return %[[X]], %[[B]], %[[A]]
// expected-remark @+1 {{Remark="copied: ", Remark="what the entry returns is not a kernel's own result}}
func.func @returned(%x: !sinter.tensor<[N, 4], f32>) -> (!sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>) {
  // expected-remark @+1 {{Remark="copied: ", Remark="what the entry returns is not a kernel's own result}}
  %e = sinter.row_group (%i = %x : !sinter.tensor<[N, 4], f32>) -> !sinter.tensor<[N, 4], f32> {
    %j = sinter.exp %i : <[N, 4], f32>
    sinter.yield %j : !sinter.tensor<[N, 4], f32>
  }
  return %x, %e, %e : !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>, !sinter.tensor<[N, 4], f32>
}

// -----

func.func @rowless(%x: !sinter.tensor<[4], f32>) -> !sinter.tensor<[4], f32> {
  // expected-error @+1 {{hands on '!sinter.tensor<[4], f32>', which has no row: this is not built}}
  return %x : !sinter.tensor<[4], f32>
}
