// What the verifier of attention refuses, and in which words.
//
// RUN: sinter-opt %s -split-input-file -verify-diagnostics -o /dev/null

func.func @f(%q: !sinter.tensor<[N, 4, 7], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{takes queries [N, heads, 8], not '!sinter.tensor<[N, 4, 7], f32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 7], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>, %v: !sinter.history<[3, 8], f32>) {
  // expected-error @below {{4 heads cannot share the 3 heads of '!sinter.history<[3, 8], f32>'}}
  %o = sinter.attention %q, %k, %v, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[3, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 3, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{3 heads cannot share the 2 heads of '!sinter.history<[2, 8], f32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[3, N, P], f32>) : !sinter.tensor<[N, 3, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 3, 8], f32> {
    sinter.yield %s : !sinter.tensor<[3, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{gives '!sinter.tensor<[N, 4, 8], f32>', not '!sinter.tensor<[N, 4, 9], f32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 9], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{a row sees at least itself, not a window of 0}}
  %o = sinter.attention %q, %k, %k, %n, %n window 0 (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{the region takes scores [heads, N, P] of the queries' elements, not '!sinter.tensor<[N, 4, P], f32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[N, 4, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[N, 4, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{the region takes scores [heads, N, P] of the queries' elements, not '!sinter.tensor<[4, N, P], i32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], i32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], i32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>, %b: !sinter.tensor<[P, N], f32>) {
  // expected-error @below {{has no element of its own in '!sinter.tensor<[P, N], f32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>, %x = %b : !sinter.tensor<[P, N], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    // expected-error @below {{is not elementwise: it cannot stand between scores and softmax}}
    %t = sinter.reduce max %s axis 2 : !sinter.tensor<[4, N, P], f32> -> !sinter.tensor<[4, N, 1], f32>
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    // expected-error @below {{has no element of its own in '!sinter.tensor<[4], i32>'}}
    %t = sinter.iota : !sinter.tensor<[4], i32>
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @f(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>, %b: !sinter.tensor<[N, P], f32>) {
  // expected-error @below {{the region must yield one value of '!sinter.tensor<[4, N, P], f32>'}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>, %x = %b : !sinter.tensor<[N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %x : !sinter.tensor<[N, P], f32>
  }
  return
}

// -----

func.func @types(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{expected the types of queries, keys and values}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @placement(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], f32>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{has one result, which has one place}}
  %o = sinter.attention %q, %k, %k, %n, %n (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], f32>, !sinter.history<[2, 8], f32> -> !sinter.tensor<[N, 4, 8], f32> to [0, 64] {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}

// -----

func.func @whole_numbers(%q: !sinter.tensor<[N, 4, 8], f32>, %k: !sinter.history<[2, 8], i8>, %n: !sinter.tensor<[N], i32>) {
  // expected-error @below {{rounds what it multiplies to bf16, which is not built for whole numbers with scales: '!sinter.history<[2, 8], i8>'}}
  %o = sinter.attention %q, %k, %k, %n, %n rounded (%s : !sinter.tensor<[4, N, P], f32>) : !sinter.tensor<[N, 4, 8], f32>, !sinter.history<[2, 8], i8>, !sinter.history<[2, 8], i8> -> !sinter.tensor<[N, 4, 8], f32> {
    sinter.yield %s : !sinter.tensor<[4, N, P], f32>
  }
  return
}
