/*! Built from page/ by page/build. It contains Preact, which has this licence:

The MIT License (MIT)

Copyright (c) 2015-present Jason Miller

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
*/
var n, t$1, u$1, i$1, f$2, o$2, e$1, l$1, c$1, a$2, h$1 = Symbol.for("pv"), p$1 = {}, y$1 = [], v$1 = /^m(i|n|o|s|text|space)$/, w$1 = Array.isArray, d$1 = y$1.slice, _$1 = Object.assign;
function g$1(n2) {
  n2 && n2.parentNode && n2.remove();
}
function m$1(r2, u2, i2, f2, o2) {
  var e2 = { type: r2, props: u2, key: i2, ref: f2, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: h$1, __v: o2 || ++t$1, __i: -1, __u: 0 };
  return !o2 && n.vnode && n.vnode(e2), e2;
}
function $(n2) {
  return n2.children;
}
function x(n2, t2) {
  this.props = n2, this.context = t2, this.__g = 0;
}
function S(n2, t2) {
  if (null == t2) return n2.__ && S(n2.__, n2.__i + 1);
  for (var r2; t2 < n2.__k.length; t2++) if ((r2 = n2.__k[t2]) && r2.__e) return r2.__e;
  return "function" != typeof n2.type || n2.props.__P ? null : S(n2);
}
function C$1(t2) {
  var r2, u2 = t2.__v, i2 = u2.__e, f2 = [], o2 = [], e2 = t2.__P;
  e2 && ((r2 = _$1({ constructor: h$1 }, u2)).__v = u2.__v + 1, n.vnode && n.vnode(r2), z$1(e2, r2, u2, t2.__n, e2.namespaceURI, 32 & u2.__u ? [i2] : null, f2, i2 || S(u2), 32 & u2.__u, o2), r2.__v = u2.__v, r2.__.__k[r2.__i] = r2, E$1(f2, r2, o2), u2.__ = u2.__e = null, r2.__e != i2 && j(r2));
}
function j(n2) {
  if ((n2 = n2.__) && n2.__c && !n2.props.__P) return n2.__e = null, n2.__k.some(function(t2) {
    return t2 && (n2.__e = t2.__e);
  }), j(n2);
}
function L(t2) {
  (8 & t2.__g || (t2.__g |= 8, u$1.push(t2), f$2++)) && i$1 == n.debounceRendering || ((i$1 = n.debounceRendering) || queueMicrotask)(H);
}
function H() {
  try {
    for (var n2, t2 = 1; u$1.length; ) u$1.length > t2 && u$1.sort(o$2), n2 = u$1.shift(), t2 = u$1.length, 8 & n2.__g && C$1(n2);
  } finally {
    (f$2 = u$1.length) && (i$1 || queueMicrotask)(H);
  }
}
function I(n2, t2, r2, u2, i2, f2, o2, e2, l2, c2, a2) {
  var s2, h2, v2, w2, d2, _2, g2 = u2.__k || y$1, k2 = t2.length;
  for (l2 = q(r2, t2, g2, l2, k2), s2 = 0; s2 < k2; s2++) null != (v2 = r2.__k[s2]) && (h2 = ~v2.__i && g2[v2.__i] || p$1, v2.__i = s2, _2 = z$1(n2, v2, h2, i2, f2, o2, e2, l2, c2, a2), w2 = v2.__e, (h2.ref != v2.ref || 8 & h2.__u) && (h2.ref && G$1(h2.ref, null, v2, h2), v2.ref && a2.push(v2.ref, v2.__c || w2, v2)), d2 = d2 || w2, 4 & v2.__u ? (l2 = A$1(v2, l2, n2, !h2.__v), h2.__e && (h2.__e = null)) : "function" == typeof v2.type && void 0 !== _2 ? l2 = _2 : w2 && (l2 = w2.nextSibling), v2.__u &= -21);
  return r2.__e = d2, l2;
}
function q(n2, t2, r2, u2, i2) {
  var f2, o2, e2, l2, c2, a2, s2, p2, y2, v2 = r2.length, d2 = v2, _2 = 0, g2 = 0, k2 = n2.__k = Array(i2);
  for (f2 = 0; f2 < i2; f2++) null != (o2 = t2[f2]) && "boolean" != typeof o2 && "function" != typeof o2 ? ("object" != typeof o2 || o2.constructor === String ? o2 = k2[f2] = m$1(null, o2) : w$1(o2) ? o2 = k2[f2] = m$1($, { children: o2 }) : o2.constructor === h$1 && o2.__b ? o2 = k2[f2] = m$1(o2.type, o2.props, o2.key, o2.ref, o2.__v) : k2[f2] = o2, l2 = f2 + _2, o2.__ = n2, o2.__b = n2.__b + 1, e2 = null, ~(c2 = o2.__i = P(o2, r2, l2, d2)) && (d2--, (e2 = r2[c2]) && (e2.__u |= 2)), e2 && e2.__v ? (o2.__u |= 16, c2 == l2 - 1 ? _2-- : c2 == l2 + 1 ? _2++ : c2 != l2 && (c2 > l2 ? _2-- : _2++, g2 = 1)) : (~c2 || (i2 > v2 ? _2-- : i2 < v2 && _2++), "function" != typeof o2.type && (o2.__u |= 4))) : k2[f2] = null;
  if (g2) {
    for (a2 = [], s2 = [], f2 = 0; f2 < i2; f2++) if ((o2 = k2[f2]) && 16 & o2.__u) {
      for (_2 = 0, p2 = a2.length; _2 < p2; ) a2[y2 = _2 + p2 >> 1] < o2.__i ? _2 = y2 + 1 : p2 = y2;
      a2[_2] = o2.__i, s2[f2] = _2 + 1;
    }
    for (_2 = a2.length; f2--; ) s2[f2] && (s2[f2] == _2 ? _2-- : k2[f2].__u |= 4);
  }
  if (d2) for (f2 = 0; f2 < v2; f2++) !(e2 = r2[f2]) || 2 & e2.__u || (e2.__e == u2 && (u2 = S(e2)), J(e2, e2));
  return u2;
}
function A$1(n2, t2, r2, u2) {
  var i2, f2, o2, e2;
  if ("function" == typeof n2.type) {
    if (n2.props.__P) return t2;
    if (i2 = n2.__k) for (f2 = 0; f2 < i2.length; f2++) i2[f2] && (i2[f2].__ = n2, t2 = A$1(i2[f2], t2, r2, false));
    return t2;
  }
  for (t2 && !t2.parentNode && (t2 = S(n2)) && !t2.parentNode && (t2 = null), o2 = n2.__e, e2 = t2; e2 && 8 == e2.nodeType; ) e2 = e2.nextSibling;
  for (o2 != e2 && (!u2 && r2.moveBefore && o2.parentNode ? r2.moveBefore(o2, t2) : r2.insertBefore(o2, t2 || null)), t2 = o2; (t2 = t2 && t2.nextSibling) && 8 == t2.nodeType && !t2.data.startsWith("$s"); ) ;
  return t2;
}
function P(n2, t2, r2, u2) {
  var i2, f2 = n2.key, o2 = n2.type, e2 = t2[r2], l2 = e2 && !(2 & e2.__u);
  if (null === e2 && null == f2 || l2 && f2 == e2.key && o2 == e2.type) return r2;
  if (u2 > (l2 ? 1 : 0)) {
    for (i2 = r2 - 1; i2 >= 0; i2--) if ((e2 = t2[i2]) && !(2 & e2.__u) && f2 == e2.key && o2 == e2.type) return i2;
    for (i2 = r2 + 1; i2 < t2.length; i2++) if ((e2 = t2[i2]) && !(2 & e2.__u) && f2 == e2.key && o2 == e2.type) return i2;
  }
  return -1;
}
function T$1(n2, t2, r2) {
  null == r2 && (r2 = ""), "-" == t2[0] ? n2.setProperty(t2, r2) : n2[t2] = r2;
}
function N(n2, t2, r2, u2, i2) {
  var f2, o2;
  if ("style" == t2) if ("string" == typeof r2) n2.style.cssText = r2;
  else {
    if ("string" == typeof u2 && (n2.style.cssText = u2 = ""), u2) for (t2 in u2) r2 && t2 in r2 || T$1(n2.style, t2);
    if (r2) for (t2 in r2) u2 && r2[t2] == u2[t2] || T$1(n2.style, t2, r2[t2]);
  }
  else if ("o" == t2[0] && "n" == t2[1]) "function" != typeof r2 && (r2 = null), "function" != typeof u2 && (u2 = null), (n2.__e || (n2.__e = {}))[t2] = r2, r2 && u2 || (o2 = a$2[t2] || (a$2[t2] = V(t2)), (n2.__a || (n2.__a = {}))[t2] = c$1, f2 = t2 != (t2 = t2.replace(l$1, "$1")), (t2 = t2.slice(2))[0] < "a" && (t2 = t2.toLowerCase()), r2 ? n2.addEventListener(t2, o2, f2) : n2.removeEventListener(t2, o2, f2));
  else {
    if ("http://www.w3.org/2000/svg" == i2) t2 = t2.replace(/xlink(H|:h)/, "h").replace(/sName$/, "s");
    else if ("width" != t2 && "height" != t2 && "href" != t2 && "list" != t2 && "form" != t2 && "tabIndex" != t2 && "download" != t2 && "rowSpan" != t2 && "colSpan" != t2 && "role" != t2 && "popover" != t2 && t2 in n2) try {
      return void (n2[t2] = null == r2 ? "" : r2);
    } catch (n3) {
    }
    if ("function" == typeof r2) return;
    null == r2 || false === r2 && "-" != t2[4] ? n2.removeAttribute(t2) : n2.setAttribute(t2, "popover" == t2 && 1 == r2 ? "" : r2);
  }
}
function V(t2) {
  return function(r2) {
    var u2 = this.__e;
    if (u2) {
      if (u2 = u2[t2], null == r2[e$1]) r2[e$1] = c$1++;
      else if (r2[e$1] < this.__a[t2]) return;
      return u2(n.event ? n.event(r2) : r2);
    }
  };
}
function z$1(t2, r2, u2, i2, f2, o2, e2, l2, c2, a2) {
  var s2, p2, v2, d2, k2, b, m2, M, C2, j2, L2, H2, q2, A2, O, P2, T2, N2, V2 = r2.type;
  if (r2.constructor !== h$1) return null;
  128 & u2.__u && (c2 = 32 & u2.__u, s2 = u2.__c.__z) && (r2.__u |= c2, p2 = o2 = [], 8 == s2.nodeType ? l2 = B$1(s2, o2) : o2.push(s2), l2 = o2[0] || l2), (s2 = n.__b) && s2(r2);
  n: if ("function" == typeof V2) {
    v2 = e2.length;
    try {
      if (M = r2.props, C2 = (s2 = V2.prototype) && s2.render, j2 = (s2 = V2.contextType) && i2[s2.__c], L2 = s2 ? j2 ? j2.props.value : s2.__ : i2, (d2 = u2.__c) ? (r2.__c = d2, 2 & d2.__g && (d2.__g |= 1)) : (C2 ? r2.__c = d2 = new V2(M, L2) : (r2.__c = d2 = new x(M, L2), d2.constructor = V2, d2.render = K), j2 && j2.sub(d2), d2.state || (d2.state = {}), d2.__n = i2, d2.__g |= 8, d2.__h = [], d2.__k = []), C2 && (d2.__s || (d2.__s = d2.state), V2.getDerivedStateFromProps && (d2.__s == d2.state && (d2.__s = _$1({}, d2.__s)), _$1(d2.__s, V2.getDerivedStateFromProps(M, d2.__s)))), k2 = d2.props, b = d2.state, d2.__v = r2, u2.__c) {
        if (M !== k2 && C2 && !V2.getDerivedStateFromProps && d2.componentWillReceiveProps && d2.componentWillReceiveProps(M, L2), r2.__v == u2.__v && !(8 & d2.__g) || !(4 & d2.__g) && d2.shouldComponentUpdate && false === d2.shouldComponentUpdate(M, d2.__s, L2)) {
          r2.__v != u2.__v && (d2.props = M, d2.state = d2.__s, d2.__g &= -9), r2.__e = u2.__e, r2.__k = u2.__k, r2.__k.some(function(n2) {
            n2 && (n2.__ = r2);
          }), y$1.push.apply(d2.__h, d2.__k), d2.__k = [], d2.__h.length && e2.push(d2), l2 = S(u2);
          break n;
        }
        d2.componentWillUpdate && d2.componentWillUpdate(M, d2.__s, L2), C2 && d2.componentDidUpdate && d2.__h.push(function() {
          d2.componentDidUpdate(k2, b, m2);
        });
      } else C2 && !V2.getDerivedStateFromProps && d2.componentWillMount && d2.componentWillMount(), C2 && d2.componentDidMount && d2.__h.push(d2.componentDidMount);
      d2.context = L2, d2.props = M, d2.__P = t2, d2.__g &= -5, H2 = n.__r, q2 = C2 ? 25 : 0;
      do {
        d2.__g &= -9, H2 && H2(r2), s2 = d2.render(d2.props, d2.state = d2.__s, d2.context);
      } while (8 & d2.__g && ++q2 < 25);
      C2 && (y$1.push.apply(d2.__h, d2.__k), d2.__k = []), d2.state = d2.__s, d2.getChildContext && (i2 = _$1({}, i2, d2.getChildContext())), C2 && u2.__c && d2.getSnapshotBeforeUpdate && (m2 = d2.getSnapshotBeforeUpdate(k2, b)), A2 = s2 && s2.type === $ && null == s2.key ? s2.props.children : s2, M.__P && (s2 = l2, f2 = (t2 = M.__P).namespaceURI, c2 = o2 = null, u2.props && u2.props.__P != t2 && (u2.__k.some(function(n2) {
        n2 && J(n2, n2);
      }), u2.__k = null), l2 = u2.__k ? S(u2, 0) : null), l2 = I(t2, w$1(A2) ? A2 : [A2], r2, u2, i2, f2, o2, e2, l2, c2, a2), M.__P && (r2.__e = null, l2 = s2), r2.__u &= -161, p2 && p2.some(g$1), d2.__h.length && e2.push(d2), 1 & d2.__g && (d2.__g &= -4);
    } catch (t3) {
      if (e2.length = v2, r2.__v = null, c2 || o2) if (t3 && t3.then) {
        if (r2.__u |= 128 | c2, o2) {
          for (~(T2 = o2.indexOf(l2 || void 0)) || (T2 = o2.length); (N2 = o2[T2 - 1]) && 8 == N2.nodeType; ) T2--;
          for (; T2 < o2.length; T2++) if (N2 = o2[T2]) if (o2[T2] = null, O) {
            if (N2 == P2) break;
          } else {
            if (8 != N2.nodeType) break;
            N2.data.startsWith("$s") && (P2 = B$1(O = N2));
          }
        }
        if (!O) {
          for (; l2 && 8 == l2.nodeType && l2.nextSibling; ) l2 = l2.nextSibling;
          O = l2;
        }
        (s2 = B$1(O = r2.__c.__z || (r2.__c.__z = O))) ? (r2.__e = O, l2 = s2) : r2.__e = l2, l2 = l2 && l2.nextSibling;
      } else o2 && o2.some(g$1);
      else r2.__e = u2.__e;
      r2.__k || (r2.__k = u2.__k || []), t3 && t3.then || D$1(r2), n.__e(t3, r2, u2);
    }
  } else l2 = r2.__e = F$1(u2.__e, r2, u2, i2, f2, o2, e2, c2, a2, t2);
  return (s2 = n.diffed) && s2(r2), l2;
}
function B$1(n2, t2) {
  if (n2 && 8 == n2.nodeType && n2.data.startsWith("$s")) for (var r2 = 1; n2 = n2.nextSibling; ) {
    if (8 == n2.nodeType) {
      if (n2.data.startsWith("$s")) r2++;
      else if (n2.data.startsWith("/$s") && !--r2) return n2;
    }
    t2 && t2.push(n2);
  }
}
function D$1(n2) {
  n2 && (n2.__c && (n2.__c.__g |= 4), n2.__k && n2.__k.some(D$1));
}
function E$1(t2, r2, u2) {
  for (var i2 = 0; i2 < u2.length; ) G$1(u2[i2++], u2[i2++], u2[i2++]);
  n.__c && n.__c(r2, t2), t2.some(function(r3) {
    try {
      t2 = r3.__h, r3.__h = [], t2.some(function(n2) {
        n2.call(r3);
      });
    } catch (t3) {
      n.__e(t3, r3.__v);
    }
  });
}
function F$1(t2, r2, u2, i2, f2, o2, e2, l2, c2, a2) {
  var s2, h2, y2, _2, k2, b, m2, M, $2 = u2.props || p$1, x2 = r2.props, C2 = r2.type;
  if ("svg" == C2 ? f2 = "http://www.w3.org/2000/svg" : "math" == C2 ? f2 = "http://www.w3.org/1998/Math/MathML" : f2 || (f2 = "http://www.w3.org/1999/xhtml"), o2) {
    for (s2 = 0; s2 < o2.length; s2++) if ((k2 = o2[s2]) && (C2 ? k2.localName == C2 : 3 == k2.nodeType)) {
      t2 = k2, o2[s2] = null;
      break;
    }
  }
  if (!t2) {
    if (M = a2.ownerDocument || document, !C2) return M.createTextNode(x2);
    t2 = M.createElementNS(f2, C2, x2.is ? x2 : a2), l2 && (n.__m && n.__m(r2, o2), l2 = false), o2 = null;
  }
  if (C2) {
    if (a2 = "template" == C2 && t2.content || t2, o2 = "textarea" == C2 && null != x2.defaultValue ? null : o2 && d$1.call(a2.childNodes), !l2 && o2) for ($2 = {}, s2 = 0; s2 < t2.attributes.length; s2++) $2[(k2 = t2.attributes[s2]).name] = k2.value;
    for (s2 in $2) k2 = $2[s2], "dangerouslySetInnerHTML" == s2 ? y2 = k2 : "children" == s2 || s2 in x2 || "value" == s2 && "defaultValue" in x2 || "checked" == s2 && "defaultChecked" in x2 || N(t2, s2, null, k2, f2);
    for (s2 in x2) k2 = x2[s2], "children" == s2 ? _2 = k2 : "dangerouslySetInnerHTML" == s2 ? h2 = k2 : "value" == s2 ? b = k2 : "checked" == s2 ? m2 = k2 : l2 && "function" != typeof k2 || $2[s2] === k2 || N(t2, s2, k2, $2[s2], f2);
    h2 ? (l2 || y2 && (h2.__html == y2.__html || h2.__html == t2.innerHTML) || (t2.innerHTML = h2.__html), r2.__k = []) : (y2 && (t2.textContent = ""), ("foreignObject" == C2 || "http://www.w3.org/1998/Math/MathML" == f2 && v$1.test(C2)) && (f2 = "http://www.w3.org/1999/xhtml"), I(a2, w$1(_2) ? _2 : [_2], r2, u2, i2, f2, o2, e2, o2 ? o2[0] : u2.__k && S(u2, 0), l2, c2), o2 && o2.some(g$1)), l2 && "textarea" != C2 || (s2 = "value", "progress" == C2 && null == b ? t2.removeAttribute(s2) : null == b || b === t2[s2] && ("progress" != C2 || b) || N(t2, s2, b, $2[s2], f2), s2 = "checked", null != m2 && m2 != t2[s2] && N(t2, s2, m2, $2[s2], f2));
  } else $2 === x2 || l2 && t2.data == x2 || (t2.data = x2);
  return t2;
}
function G$1(t2, r2, u2, i2) {
  try {
    "function" == typeof t2 ? r2 ? r2.__x = t2(r2) || 1 : i2 && (i2 = i2.__c || i2.__e) && (r2 = i2.__x) && (i2.__x = null, "function" == typeof r2 ? r2() : t2(null)) : t2.current = r2;
  } catch (t3) {
    n.__e(t3, u2);
  }
}
function J(t2, r2, u2) {
  var i2, f2, o2, e2;
  if (n.unmount && n.unmount(t2), !(i2 = t2.ref) || i2.current && i2.current != t2.__e || G$1(i2, null, r2, t2), i2 = t2.__c) {
    if (i2.componentWillUnmount) try {
      i2.componentWillUnmount();
    } catch (t3) {
      n.__e(t3, r2);
    }
    i2.__P = i2.__n = null;
  }
  if (i2 = t2.__k) for (e2 = 0; e2 < i2.length; e2++) i2[e2] && J(i2[e2], r2, "function" != typeof t2.type || u2 && !t2.props.__P);
  !u2 && (i2 = t2.__c) && (i2 = i2.__z) && (f2 = B$1(i2, o2 = [])) && (i2 == t2.__e && o2.some(g$1), g$1(f2), g$1(i2)), u2 || g$1(t2.__e), t2.__e = t2.__c = t2.__ = null;
}
function K(n2, t2, r2) {
  return this.constructor(n2, r2);
}
function Q(t2, r2) {
  var u2, i2, f2, o2;
  n.__ && n.__(t2, r2), 9 == r2.nodeType && (r2 = r2.documentElement), i2 = (u2 = t2 && 32 & t2.__u) ? null : r2.__k, r2.__k = m$1($, { children: [t2] }), f2 = [], o2 = [], z$1(r2, r2.__k, i2 || p$1, p$1, r2.namespaceURI, i2 ? null : r2.firstChild ? d$1.call(r2.childNodes) : null, f2, i2 ? i2.__e : r2.firstChild, u2, o2), E$1(f2, r2.__k, o2), r2.__k.props.children = null;
}
n = { __e: function(n2, t2, r2, u2) {
  for (var i2, o2, e2; t2 = t2.__; ) if ((i2 = t2.__c) && !(1 & i2.__g)) {
    i2.__g |= 4;
    try {
      if ((e2 = (o2 = i2.constructor) && o2.getDerivedStateFromError) && i2.setState(o2.getDerivedStateFromError(n2)), i2.componentDidCatch && (i2.componentDidCatch(n2, u2 || {}), e2 = 1), e2 && 8 & i2.__g) return void (i2.__g |= 2);
    } catch (t3) {
      n2 = t3;
    }
  }
  throw f$2 = 0, n2;
} }, t$1 = 0, x.prototype.setState = function(n2, t2) {
  var r2 = this.__s;
  r2 && r2 != this.state || (r2 = this.__s = _$1({}, this.state)), "function" == typeof n2 && (n2 = n2(_$1({}, r2), this.props)), n2 && (_$1(r2, n2), this.__v && (t2 && this.__k.push(t2), L(this)));
}, x.prototype.forceUpdate = function(n2) {
  this.__v && (this.__g |= 4, n2 && this.__h.push(n2), L(this));
}, x.prototype.render = $, u$1 = [], f$2 = 0, o$2 = function(n2, t2) {
  return n2.__v.__b - t2.__v.__b;
}, e$1 = Symbol(), l$1 = /(PointerCapture)$|Capture$/i, c$1 = 0, a$2 = {};
var f$1 = Symbol.for("pv"), o$1 = 0;
function a$1(t2, e2, n$1, u2, a2, i2) {
  e2 || (e2 = {});
  var c2, l2, p2 = e2;
  if ("ref" in p2 && "function" != typeof t2) for (l2 in p2 = {}, e2) "ref" == l2 ? c2 = e2[l2] : p2[l2] = e2[l2];
  var s2 = { type: t2, props: p2, key: n$1, ref: c2, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: f$1, __v: --o$1, __i: -1, __u: 0 };
  return n.vnode && n.vnode(s2), s2;
}
var t, r, u, i, o = Object.is, f = 0, c = [], e = [], a = n, v = a.__b, l = a.__r, m = a.diffed, h = a.__c, s = a.unmount, p = a.__;
function y(n2, t2) {
  a.__h && a.__h(r, n2, f || t2), f = 0;
  var u2 = r.__H || (r.__H = { __: [], __h: [] });
  return n2 >= u2.__.length && u2.__.push({}), u2.__[n2];
}
function d(n2) {
  return f = 1, _(G, n2);
}
function _(n2, u2, i2) {
  var f2 = y(t++, 2);
  if (f2.t = n2, !f2.__c && (f2.__ = [G(void 0, u2), function(n3) {
    var t2 = (f2.__N || f2.__)[0], r2 = f2.t(t2, n3);
    o(t2, r2) || (f2.__N = [r2, f2.__[1]], f2.__c.setState({}));
  }], f2.__c = r, !r.__f)) {
    r.__f = true;
    var c2 = r.shouldComponentUpdate;
    r.shouldComponentUpdate = function(n3, t2, r2) {
      var u3 = this.__H;
      if (!u3) return true;
      var i3 = false, f3 = this.props != n3;
      if (u3.__.some(function(n4) {
        n4.__N && (i3 = true, o(n4.__[0], n4.__N[0]) || (f3 = true));
      }), c2) {
        var e2 = c2.call(this, n3, t2, r2);
        return i3 ? e2 || f3 : e2;
      }
      return !i3 || f3;
    };
  }
  return f2.__;
}
function A(n2, u2) {
  var i2 = y(t++, 3);
  !a.__s && E(i2.__H, u2) && (i2.__P = true, i2.__ = n2, i2.u = u2, r.__H.__h.push(i2));
}
function F(n2, u2) {
  var i2 = y(t++, 4);
  !a.__s && E(i2.__H, u2) && (i2.__P = false, i2.__ = n2, i2.u = u2, r.__h.push(i2));
}
function T(n2) {
  return f = 5, w(function() {
    return { current: n2 };
  }, []);
}
function w(n2, r2) {
  var u2 = y(t++, 7);
  return E(u2.__H, r2) && (u2.__ = n2(), u2.__H = r2), u2.__;
}
function g() {
  var n2;
  do {
    for (; n2 = e.shift(); ) try {
      C(n2);
    } catch (t3) {
      a.__e(t3, { __: (n2 = n2.__P) && n2.__v });
    }
    for (; n2 = c.shift(); ) {
      var t2 = n2.__H;
      if (n2.__P && t2) try {
        t2.__h.some(C), t2.__h.some(D), t2.__h = [];
      } catch (r2) {
        t2.__h = [], a.__e(r2, n2.__v);
      }
    }
  } while (e.length);
}
a.__b = function(n2) {
  r = null, v && v(n2);
}, a.__ = function(n2, t2) {
  n2 && t2.__k && t2.__k.__m && (n2.__m = t2.__k.__m), p && p(n2, t2);
}, a.__r = function(n2) {
  l && l(n2), t = 0;
  var i2 = (r = n2.__c).__H;
  i2 && (u == r ? r.__h = [] : (i2.__h.some(C), i2.__h.some(D), t = 0), i2.__h = [], i2.__.some(function(n3) {
    n3.__N && (n3.__ = n3.__N), n3.u = n3.__N = void 0;
  })), u = r;
}, a.diffed = function(n2) {
  m && m(n2);
  var t2 = n2.__c;
  t2 && t2.__H && (t2.__H.__h.length && B(c.push(t2)), t2.__H.__.some(function(n3) {
    n3.u && (n3.__H = n3.u);
  })), u = r = null;
}, a.__c = function(n2, t2) {
  t2.some(function(n3) {
    try {
      n3.__h.some(C), n3.__h = n3.__h.filter(function(n4) {
        return !n4.__ || D(n4);
      });
    } catch (t3) {
      n3.__h = [function() {
        throw t3;
      }];
    }
  }), h && h(n2, t2);
}, a.unmount = function(n2) {
  s && s(n2);
  var t2, r2, u2 = n2.__c;
  u2 && u2.__H && (u2.__H.__.some(function(u3) {
    try {
      if (u3.__P && u3.__c) {
        if (void 0 === r2) {
          for (r2 = n2.__; r2 && (!r2.__c || !r2.__c.__P); ) r2 = r2.__;
          r2 = r2 && r2.__c;
        }
        u3.__P = r2, B(e.push(u3));
      } else C(u3);
    } catch (n3) {
      t2 = n3;
    }
  }), u2.__H = void 0, t2 && a.__e(t2, u2.__v));
};
var k = "function" == typeof requestAnimationFrame;
function z(n2) {
  var t2, r2 = function() {
    clearTimeout(u2), k && cancelAnimationFrame(t2), setTimeout(n2);
  }, u2 = setTimeout(r2, 35);
  k && (t2 = requestAnimationFrame(r2));
}
function B(n2) {
  1 != n2 && i == a.requestAnimationFrame || ((i = a.requestAnimationFrame) || z)(g);
}
function C(n2) {
  var t2 = r, u2 = n2.__c;
  "function" == typeof u2 && (n2.__c = void 0, u2()), r = t2;
}
function D(n2) {
  var t2 = r;
  n2.__c = n2.__(), r = t2;
}
function E(n2, t2) {
  return !n2 || n2.length != t2.length || t2.some(function(t3, r2) {
    return !o(t3, n2[r2]);
  });
}
function G(n2, t2) {
  return "function" == typeof t2 ? t2(n2) : t2;
}
function read() {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", of = ""] = path.split("/", 2);
  let name = of;
  try {
    name = decodeURIComponent(of);
  } catch {
  }
  return { view, of: name, parameters: new URLSearchParams(query) };
}
function to(view, of = "", parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${of && `/${encodeURIComponent(of)}`}${query && `?${query}`}`;
}
function go(address, typing = false) {
  if (typing) {
    history.replaceState(null, "", address);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = address;
  }
}
function set(route, changes, typing = false) {
  const parameters = new URLSearchParams(route.parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value) parameters.set(name, value);
    else parameters.delete(name);
  }
  go(to(route.view, route.of, Object.fromEntries(parameters)), typing);
}
function useRoute() {
  const [route, setRoute] = d(read);
  A(() => {
    const changed = () => setRoute(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
async function ask(what, parameters, signal) {
  const answer = await fetch(`api/${what}?${new URLSearchParams(parameters)}`, signal ? { signal } : {});
  if (!answer.ok) {
    throw new Error((await answer.text()).trim() || `status ${answer.status}`);
  }
  return answer.json();
}
const askState = (epoch, since) => ask("state", { epoch: String(epoch), since: String(since) });
const askEndpoint = (id, signal) => ask("endpoint", { id }, signal);
const askExplain = (subject, signal) => ask("explain", { subject }, signal);
const documentOf = (service, form) => `api/openapi?${new URLSearchParams({ service, form })}`;
const POLL = 2e3;
const FRESH = 6e4;
const NOTHING = {
  version: "",
  now: 0,
  trouble: null,
  left_out: 0,
  kind: "",
  name: "",
  services: [],
  unseen: {
    unreadable: [],
    nameless: [],
    nameless_requests: 0,
    ambiguous: [],
    unselected_pods: [],
    accounts: [],
    notes: [],
    not_read: [],
    remarks: []
  },
  nodes: []
};
const known = {
  change: 0,
  whole: false,
  lost: null,
  overview: NOTHING,
  endpoints: /* @__PURE__ */ new Map(),
  fresh: /* @__PURE__ */ new Map()
};
let at = { epoch: 0, since: 0 };
const listeners = /* @__PURE__ */ new Set();
function useKnown() {
  const [, draw] = d(0);
  A(() => {
    const changed = () => draw((n2) => n2 + 1);
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, []);
  return known;
}
function take(answer) {
  if (answer.epoch !== at.epoch) {
    known.endpoints = /* @__PURE__ */ new Map();
    known.fresh.clear();
    known.whole = false;
  }
  for (const id of answer.gone) known.endpoints.delete(id);
  const now = Date.now();
  for (const endpoint of answer.endpoints) {
    if (known.whole && !known.endpoints.has(endpoint.id)) known.fresh.set(endpoint.id, now);
    known.endpoints.set(endpoint.id, endpoint);
  }
  for (const [id, since] of known.fresh) if (now - since > FRESH) known.fresh.delete(id);
  at = { epoch: answer.epoch, since: answer.revision };
  const { epoch: _2, revision: __, more, endpoints: ___, gone: ____, ...overview } = answer;
  known.overview = overview;
  known.whole ||= !more;
  known.lost = null;
  known.change += 1;
}
async function follow() {
  let wait = POLL;
  if (!document.hidden || !known.whole) {
    try {
      const answer = await askState(at.epoch, at.since);
      take(answer);
      if (answer.more) wait = 0;
    } catch (error) {
      known.lost = error instanceof Error ? error.message : String(error);
      known.change += 1;
    }
    listeners.forEach((changed) => changed());
  }
  const still = known.overview.kind === "captures" || known.overview.kind === "store";
  setTimeout(follow, still ? 5 * wait : wait);
}
function begin() {
  void follow();
}
const count = (number) => number.toLocaleString("en");
const plural = (number, word, several = `${word}s`) => `${count(number)} ${number === 1 ? word : several}`;
function ago(time, now) {
  if (!time) return "never";
  return `${span(Math.max(0, now - time))} ago`;
}
function span(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${count(Math.floor(seconds / 86400))} days`;
}
const date = (time) => time ? new Date(time * 1e3).toLocaleString(void 0, { dateStyle: "medium", timeStyle: "medium" }) : "never";
function bytes(number) {
  if (number < 1 << 20) return `${count(Math.ceil(number / 1024))} KiB`;
  return `${(number / (1 << 20)).toFixed(1)} MiB`;
}
function tone(state) {
  if (["verified", "pushed", "covered"].includes(state)) return "good";
  if (["updating", "waiting", "settling"].includes(state)) return "going";
  if (["set aside", "removed", "overflow"].includes(state)) return "bad";
  return "off";
}
const DAY = 86400;
const CHOICES = {
  method: { title: "Method", of: (one) => [one.method] },
  status: {
    title: "Status",
    of: (one) => [...new Set(one.statuses.map(([status]) => `${Math.floor(status / 100)}xx`))]
  },
  auth: { title: "Protection", of: (one) => [one.protection] },
  label: { title: "Sensitive", of: (one) => one.labels },
  finding: { title: "Finding", of: (one) => one.findings },
  state: { title: "State", of: (one) => [one.state] }
};
function values(choice, endpoints) {
  const all = /* @__PURE__ */ new Map();
  for (const one of endpoints) for (const value of CHOICES[choice].of(one)) all.set(value, (all.get(value) ?? 0) + 1);
  return [...all].sort(([a2], [b]) => a2 < b ? -1 : 1);
}
function wanted(parameters, now) {
  const words = (parameters.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = Object.keys(CHOICES).flatMap((choice) => {
    const value = parameters.get(choice);
    return value ? [[CHOICES[choice].of, value]] : [];
  });
  const fresh = parameters.has("new");
  return (one) => {
    if (fresh && now - one.first_seen >= DAY) return false;
    for (const [of, value] of chosen) {
      const has = of(one);
      if (value === "any" ? !has.length : !has.includes(value)) return false;
    }
    if (!words.length) return true;
    const text = [one.method, one.path, one.service, one.calls ?? "", ...one.credentials, ...one.labels, ...one.findings].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
}
function Method({ of }) {
  const known2 = /^(GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(of) ? of : "";
  return /* @__PURE__ */ a$1("span", { class: `method ${known2}`, children: of });
}
function Path({ of }) {
  const parts = of.split(/(\{[^{}]*\})/);
  return /* @__PURE__ */ a$1("span", { class: "path", title: of, children: parts.map((part, place) => place % 2 ? /* @__PURE__ */ a$1("b", { children: part }, place) : part) });
}
function State({ of }) {
  return /* @__PURE__ */ a$1("span", { class: `state ${tone(of)}`, children: of.replaceAll("_", " ") });
}
function Statuses({ of }) {
  const sorted = [...of].sort(([a2], [b]) => a2 - b);
  return /* @__PURE__ */ a$1("span", { class: "statuses", children: sorted.map(([status, times]) => /* @__PURE__ */ a$1("span", { class: `status s${Math.floor(status / 100)}`, title: `${times} times`, children: status }, status)) });
}
function Labels({ of }) {
  return /* @__PURE__ */ a$1("span", { class: "labels", title: of.join(", "), children: of.map((label) => /* @__PURE__ */ a$1("span", { class: "label", children: label }, label)) });
}
function Section(props) {
  return /* @__PURE__ */ a$1("section", { class: `card ${props.class ?? ""}`, children: [
    /* @__PURE__ */ a$1("h2", { children: props.title }),
    props.note && /* @__PURE__ */ a$1("p", { class: "note", children: props.note }),
    props.children
  ] });
}
function Facts({ of }) {
  return /* @__PURE__ */ a$1("dl", { class: "facts", children: of.map(([name, value]) => /* @__PURE__ */ a$1("div", { children: [
    /* @__PURE__ */ a$1("dt", { children: name }),
    /* @__PURE__ */ a$1("dd", { children: value })
  ] }, name)) });
}
const HEIGHT = 36;
const BEYOND = 8;
function Rows(props) {
  const { items, id, layout } = props;
  const box = T(null);
  const [top, setTop] = d(0);
  const [height, setHeight] = d(600);
  const [active, setActive] = d(0);
  const [focused, setFocused] = d(false);
  const at2 = Math.min(active, Math.max(0, items.length - 1));
  F(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setHeight(element.clientHeight);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  A(() => setTop(box.current?.scrollTop ?? 0), [items.length]);
  function move(to2) {
    const next = Math.max(0, Math.min(items.length - 1, to2));
    setActive(next);
    const element = box.current;
    if (!element) return;
    const above = next * HEIGHT;
    if (above < element.scrollTop) element.scrollTop = above;
    else if (above + 2 * HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = above + 2 * HEIGHT - element.clientHeight;
  }
  function key(event) {
    const page = Math.max(1, Math.floor(height / HEIGHT) - 2);
    const item = items[at2];
    const steps = {
      ArrowDown: () => move(at2 + 1),
      ArrowUp: () => move(at2 - 1),
      PageDown: () => move(at2 + page),
      PageUp: () => move(at2 - page),
      Home: () => move(0),
      End: () => move(items.length - 1),
      Enter: () => item && props.open(item),
      ArrowRight: () => item && props.fold?.(item, true),
      ArrowLeft: () => item && props.fold?.(item, false)
    };
    const step = steps[event.key];
    if (step && event.target === box.current) {
      event.preventDefault();
      step();
    }
  }
  const first = Math.max(0, Math.floor(top / HEIGHT) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / HEIGHT) + BEYOND);
  const name = (item) => `row-${id(item)}`;
  const current = items[at2];
  const seen = current && at2 >= first && at2 < last;
  return /* @__PURE__ */ a$1(
    "div",
    {
      ref: box,
      class: `rows ${layout}`,
      role: props.depth ? "treegrid" : "grid",
      "aria-label": props.label,
      "aria-rowcount": items.length + 1,
      "aria-activedescendant": seen ? name(current) : void 0,
      tabIndex: 0,
      onKeyDown: key,
      onScroll: (event) => setTop(event.currentTarget.scrollTop),
      onFocus: () => setFocused(true),
      onBlur: () => setFocused(false),
      children: [
        /* @__PURE__ */ a$1("div", { role: "rowgroup", children: /* @__PURE__ */ a$1("div", { class: "row head", role: "row", "aria-rowindex": 1, children: props.columns.map((column) => /* @__PURE__ */ a$1("div", { role: "columnheader", class: `c-${column.name}`, "aria-sort": column.sorted, children: column.sort ? /* @__PURE__ */ a$1("button", { type: "button", tabIndex: -1, onClick: column.sort, children: [
          column.title,
          /* @__PURE__ */ a$1("span", { class: "sign", "aria-hidden": "true", children: column.sorted === "ascending" ? "▲" : column.sorted ? "▼" : "" })
        ] }) : column.title }, column.name)) }) }),
        /* @__PURE__ */ a$1("div", { role: "rowgroup", class: "space", style: { height: `${items.length * HEIGHT}px` }, children: items.slice(first, last).map((item, number) => {
          const place = first + number;
          const deep = props.depth?.(item);
          const classes = ["row", props.mark?.(item) ?? ""];
          if (id(item) === props.opened) classes.push("opened");
          if (focused && place === at2) classes.push("active");
          return /* @__PURE__ */ a$1(
            "div",
            {
              id: name(item),
              class: classes.join(" "),
              role: "row",
              "aria-rowindex": place + 2,
              "aria-selected": id(item) === props.opened,
              "aria-level": deep?.level,
              "aria-expanded": deep?.expanded,
              style: { transform: `translateY(${place * HEIGHT}px)` },
              onClick: () => {
                setActive(place);
                props.open(item);
              },
              children: props.cells(item).map((cell, column) => /* @__PURE__ */ a$1("div", { role: "gridcell", class: `c-${props.columns[column]?.name}`, children: cell }, column))
            },
            id(item)
          );
        }) })
      ]
    }
  );
}
const empty = () => ({ parts: /* @__PURE__ */ new Map(), leaves: [], endpoints: 0 });
const SMALL = 200;
function lines(endpoints, turned, services) {
  const root2 = empty();
  for (const endpoint of endpoints) {
    const segments = endpoint.path.split("/").slice(1).map((segment) => `/${segment}`);
    if (services) segments.unshift(endpoint.service);
    let part = root2;
    part.endpoints += 1;
    for (const segment of segments) {
      let next = part.parts.get(segment);
      if (!next) part.parts.set(segment, next = empty());
      next.endpoints += 1;
      part = next;
    }
    part.leaves.push(endpoint);
  }
  const all = [];
  const unfolded = endpoints.length <= SMALL;
  const walk2 = (part, key, level) => {
    for (const leaf of part.leaves.sort((a2, b) => a2.method < b.method ? -1 : 1))
      all.push({ key: leaf.id, level, endpoint: leaf });
    const begins = unfolded || part.parts.size + part.leaves.length === 1;
    for (const [segment, first] of [...part.parts].sort(([a2], [b]) => a2 < b ? -1 : 1)) {
      let [name, inside] = [segment, first];
      while (!inside.leaves.length && inside.parts.size === 1) {
        const [[more, next]] = [...inside.parts];
        name += services && level === 1 && name === segment ? ` ${more}` : more;
        inside = next;
      }
      const own = `${key}${name}`;
      const open = begins !== turned.has(own);
      all.push({ key: own, name, level, open, endpoints: inside.endpoints });
      if (open) walk2(inside, own, level + 1);
    }
  };
  walk2(root2, "", 1);
  return all;
}
const DEPTH = 8;
const LINES = 400;
function kind(schema) {
  const types = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : [];
  const words = types.map((type) => {
    if (type === "string" && schema.enum?.length)
      return schema.enum.filter((value) => typeof value === "string").map((value) => `"${value}"`).join(" | ");
    if (type === "string" && schema.format) return `string (${schema.format})`;
    if (type === "array" && schema.items) return `list of ${kind(schema.items)}`;
    return type;
  });
  return words.join(" | ") || "anything";
}
function walk(schema, level, lines2) {
  if (level > DEPTH || lines2.length >= LINES) return;
  const inside = schema.items && !schema.properties ? schema.items : schema;
  if (inside !== schema && !inside.properties && inside.items) return walk(inside, level, lines2);
  for (const [name, one] of Object.entries(inside.properties ?? {})) {
    if (lines2.length >= LINES) return;
    lines2.push({ name, level, optional: !inside.required?.includes(name), schema: one });
    walk(one, level + 1, lines2);
  }
  if (typeof inside.additionalProperties === "object") {
    lines2.push({ name: "any name", level, optional: true, schema: inside.additionalProperties });
    walk(inside.additionalProperties, level + 1, lines2);
  }
}
function Shape({ of }) {
  const lines2 = [];
  walk(of, 0, lines2);
  return /* @__PURE__ */ a$1("div", { class: "shape", children: [
    /* @__PURE__ */ a$1("p", { children: [
      kind(of),
      " ",
      /* @__PURE__ */ a$1(Labels, { of: of["x-sensitive"] ?? [] })
    ] }),
    lines2.map((line, place) => /* @__PURE__ */ a$1("p", { style: { paddingInlineStart: `${14 + line.level * 16}px` }, children: [
      /* @__PURE__ */ a$1("code", { children: line.name }),
      line.optional && /* @__PURE__ */ a$1("small", { children: " optional" }),
      " ",
      /* @__PURE__ */ a$1("span", { class: "kind", children: kind(line.schema) }),
      " ",
      /* @__PURE__ */ a$1(Labels, { of: line.schema["x-sensitive"] ?? [] })
    ] }, place)),
    lines2.length >= LINES && /* @__PURE__ */ a$1("p", { class: "note", children: "and more: the document has all of it" })
  ] });
}
function Detail({ id, close }) {
  const known2 = useKnown();
  const [row, setRow] = d(null);
  const [lost, setLost] = d("");
  const box = T(null);
  const listed = known2.endpoints.get(id);
  A(() => {
    const abort = new AbortController();
    askEndpoint(id, abort.signal).then(
      (found) => {
        setRow(found);
        setLost("");
      },
      (error) => abort.signal.aborted || setLost(error.message)
    );
    return () => abort.abort();
  }, [id, listed]);
  A(() => {
    setRow(null);
    if (box.current && getComputedStyle(box.current).position === "fixed") box.current.focus();
  }, [id]);
  return /* @__PURE__ */ a$1("aside", { class: "detail card", "aria-label": "Endpoint", ref: box, tabIndex: -1, children: [
    /* @__PURE__ */ a$1("button", { type: "button", class: "close", "aria-label": "Close", title: "Close (Esc)", onClick: close, children: "×" }),
    lost ? /* @__PURE__ */ a$1("p", { class: "none", children: lost }) : row ? /* @__PURE__ */ a$1(Endpoint, { row, now: known2.overview.now }) : /* @__PURE__ */ a$1("p", { class: "none", children: "Asking …" })
  ] });
}
const PROTECTION = {
  open: "Requests succeed without credentials.",
  protected: "Requests without credentials are refused.",
  optional: "Requests carry credentials, and succeed without as well.",
  used: "Requests carry credentials; none without was answered by 2xx, 401 or 403.",
  unknown: "Nothing is known yet."
};
function Operations({ row, now }) {
  const left = row.operations_left_out ?? 0;
  return /* @__PURE__ */ a$1(Part, { title: "Operations", children: [
    /* @__PURE__ */ a$1("table", { children: [
      /* @__PURE__ */ a$1("thead", { children: /* @__PURE__ */ a$1("tr", { children: [
        /* @__PURE__ */ a$1("th", { children: "Operation" }),
        /* @__PURE__ */ a$1("th", { children: "Requests" }),
        /* @__PURE__ */ a$1("th", { children: "Failed" })
      ] }) }),
      /* @__PURE__ */ a$1("tbody", { children: row.operations?.map((one) => /* @__PURE__ */ a$1("tr", { title: `last seen ${ago(one.last_seen, now)}`, children: [
        /* @__PURE__ */ a$1("td", { children: [
          one.name,
          " ",
          /* @__PURE__ */ a$1("small", { children: `${one.protocol} ${one.kind}` })
        ] }),
        /* @__PURE__ */ a$1("td", { children: count(one.requests) }),
        /* @__PURE__ */ a$1("td", { children: one.errors ? count(one.errors) : "-" })
      ] }, `${one.protocol} ${one.kind} ${one.name}`)) })
    ] }),
    /* @__PURE__ */ a$1("p", { children: [
      "Read in ",
      count(row.operations_read_in ?? 0),
      " of ",
      plural(row.requests, "request"),
      left > 0 && `; ${plural(left, "more call")} have no name here`,
      "."
    ] })
  ] });
}
function Endpoint({ row, now }) {
  const pushes = useKnown().overview.kind !== "captures";
  const statuses = Object.entries(row.statuses).map(([status, times]) => [Number(status), times]);
  return /* @__PURE__ */ a$1("article", { class: "endpoint", children: [
    /* @__PURE__ */ a$1("h2", { children: [
      /* @__PURE__ */ a$1(Method, { of: row.method }),
      " ",
      /* @__PURE__ */ a$1(Path, { of: row.path })
    ] }),
    /* @__PURE__ */ a$1("p", { class: "about", children: [
      row.service ?? row.server,
      pushes && /* @__PURE__ */ a$1($, { children: [
        " ",
        "· ",
        /* @__PURE__ */ a$1(State, { of: row.state }),
        " ",
        row.reason
      ] })
    ] }),
    /* @__PURE__ */ a$1(
      Facts,
      {
        of: [
          ["Requests", count(row.requests) + (row.unanswered ? `, ${count(row.unanswered)} without an answer` : "")],
          ["First seen", /* @__PURE__ */ a$1("span", { title: date(row.first_seen), children: ago(row.first_seen, now) })],
          [
            "Last seen",
            /* @__PURE__ */ a$1("span", { title: date(row.last_seen), children: [
              ago(row.last_seen, now),
              row.unseen_days !== void 0 && `, ${plural(row.unseen_days, "day")} without a request: it may be gone`
            ] })
          ],
          ...row.calls ? [["Calls", row.calls]] : []
        ]
      }
    ),
    row.findings.length > 0 && /* @__PURE__ */ a$1(Part, { title: "Findings", children: row.findings.map((finding) => /* @__PURE__ */ a$1(OneFinding, { of: finding }, finding.id)) }),
    statuses.length > 0 && /* @__PURE__ */ a$1(Part, { title: "Answers", children: /* @__PURE__ */ a$1(Answers, { of: statuses, types: row.response_types }) }),
    row.operations && /* @__PURE__ */ a$1(Operations, { row, now }),
    /* @__PURE__ */ a$1(Part, { title: "Authentication", children: [
      /* @__PURE__ */ a$1("p", { children: PROTECTION[row.auth.protection] ?? row.auth.protection }),
      row.auth.seen.length > 0 && /* @__PURE__ */ a$1("table", { children: [
        /* @__PURE__ */ a$1("thead", { children: /* @__PURE__ */ a$1("tr", { children: [
          /* @__PURE__ */ a$1("th", { children: "Credentials" }),
          /* @__PURE__ */ a$1("th", { children: "Requests" }),
          /* @__PURE__ */ a$1("th", { children: "Answers" })
        ] }) }),
        /* @__PURE__ */ a$1("tbody", { children: row.auth.seen.map((seen) => /* @__PURE__ */ a$1("tr", { children: [
          /* @__PURE__ */ a$1("td", { children: [
            seen.credentials,
            seen.names.length > 0 && /* @__PURE__ */ a$1("small", { children: [
              " ",
              seen.names.join(", ")
            ] })
          ] }),
          /* @__PURE__ */ a$1("td", { children: count(seen.requests) }),
          /* @__PURE__ */ a$1("td", { children: /* @__PURE__ */ a$1(Statuses, { of: Object.entries(seen.statuses).map(([status, times]) => [Number(status), times]) }) })
        ] }, seen.credentials)) })
      ] }),
      row.auth.tokens && /* @__PURE__ */ a$1("p", { children: [
        "Tokens: ",
        row.auth.tokens.algorithms.join(", ") || "-",
        row.auth.tokens.issuers.length > 0 && ` of ${row.auth.tokens.issuers.join(", ")}`,
        row.auth.tokens.audiences.length > 0 && ` for ${row.auth.tokens.audiences.join(", ")}`,
        row.auth.tokens.lifetime_seconds && `, valid for ${span(row.auth.tokens.lifetime_seconds[1])} at most`,
        row.auth.tokens.endless > 0 && `, ${count(row.auth.tokens.endless)} without an end`
      ] })
    ] }),
    /* @__PURE__ */ a$1(Parameters, { row }),
    Object.entries(row.shapes?.request ?? {}).map(([media, body]) => /* @__PURE__ */ a$1(Part, { title: `Request ${media}`, children: /* @__PURE__ */ a$1(Shape, { of: body.schema }) }, media)),
    Object.entries(row.shapes?.responses ?? {}).flatMap(
      ([status, types]) => Object.entries(types).map(([media, body]) => /* @__PURE__ */ a$1(Part, { title: `Response ${status} ${media}`, children: /* @__PURE__ */ a$1(Shape, { of: body.schema }) }, status + media))
    ),
    row.example && /* @__PURE__ */ a$1(Example, { row }),
    row.body_missing && /* @__PURE__ */ a$1("p", { class: "note", children: [
      "Its body example is missing: ",
      row.body_missing,
      "; the next one is taken."
    ] }),
    row.steps && row.steps.length > 0 && /* @__PURE__ */ a$1(Part, { title: "Why this name", children: /* @__PURE__ */ a$1("ol", { class: "steps", children: row.steps.map((step, place) => /* @__PURE__ */ a$1("li", { children: step }, place)) }) })
  ] });
}
function Part({ title, children }) {
  return /* @__PURE__ */ a$1("section", { class: "part", children: [
    /* @__PURE__ */ a$1("h3", { children: title }),
    children
  ] });
}
function OneFinding({ of }) {
  const names = (list) => list?.length ? ` in ${list.join(", ")}` : "";
  return /* @__PURE__ */ a$1("div", { class: "finding", children: [
    /* @__PURE__ */ a$1("p", { children: [
      /* @__PURE__ */ a$1("span", { class: `severity ${of.severity}`, children: of.severity }),
      " ",
      /* @__PURE__ */ a$1("strong", { children: of.kind.replaceAll("-", " ") })
    ] }),
    /* @__PURE__ */ a$1("ul", { children: of.evidence.map((one) => /* @__PURE__ */ a$1("li", { children: [
      count(one.count),
      " ",
      one.what,
      names(one.names)
    ] }, one.what)) })
  ] });
}
function Answers({ of, types }) {
  const most = Math.max(...of.map(([, times]) => times));
  return /* @__PURE__ */ a$1($, { children: [
    /* @__PURE__ */ a$1("ul", { class: "bars", children: of.map(([status, times]) => /* @__PURE__ */ a$1("li", { children: [
      /* @__PURE__ */ a$1("span", { class: `status s${Math.floor(status / 100)}`, children: status }),
      /* @__PURE__ */ a$1("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true", children: /* @__PURE__ */ a$1("rect", { width: 100 * times / most, height: "6", class: `s${Math.floor(status / 100)}` }) }),
      /* @__PURE__ */ a$1("span", { class: "number", children: count(times) })
    ] }, status)) }),
    types.length > 0 && /* @__PURE__ */ a$1("p", { class: "note", children: types.join(", ") })
  ] });
}
function Parameters({ row }) {
  const shaped = row.shapes?.parameters ?? [];
  const names = new Set(shaped.map((one) => `${one.in} ${one.name}`));
  const bare = [
    ...row.query.map((name) => ({ in: "query", name })),
    ...row.headers.map((name) => ({ in: "header", name }))
  ].filter((one) => !names.has(`${one.in} ${one.name}`));
  if (!shaped.length && !bare.length) return null;
  return /* @__PURE__ */ a$1(Part, { title: "Parameters", children: /* @__PURE__ */ a$1("table", { children: [
    /* @__PURE__ */ a$1("thead", { children: /* @__PURE__ */ a$1("tr", { children: [
      /* @__PURE__ */ a$1("th", { children: "Name" }),
      /* @__PURE__ */ a$1("th", { children: "In" }),
      /* @__PURE__ */ a$1("th", { children: "Kind" })
    ] }) }),
    /* @__PURE__ */ a$1("tbody", { children: [
      shaped.map((one) => /* @__PURE__ */ a$1("tr", { children: [
        /* @__PURE__ */ a$1("td", { children: [
          /* @__PURE__ */ a$1("code", { children: one.name }),
          !one.required && /* @__PURE__ */ a$1("small", { children: " optional" })
        ] }),
        /* @__PURE__ */ a$1("td", { children: one.in }),
        /* @__PURE__ */ a$1("td", { children: [
          kind(one.schema),
          " ",
          /* @__PURE__ */ a$1(Labels, { of: one.schema["x-sensitive"] ?? [] })
        ] })
      ] }, one.in + one.name)),
      bare.map((one) => /* @__PURE__ */ a$1("tr", { children: [
        /* @__PURE__ */ a$1("td", { children: /* @__PURE__ */ a$1("code", { children: one.name }) }),
        /* @__PURE__ */ a$1("td", { children: one.in }),
        /* @__PURE__ */ a$1("td", {})
      ] }, one.in + one.name))
    ] })
  ] }) });
}
function Example({ row }) {
  const example = row.example;
  if (!example) return null;
  let path = row.path;
  for (const [name, value] of example.path) path = path.replace(`{${name}}`, () => value);
  const query = example.query.map(([name, value]) => `${name}=${value}`).join("&");
  const lines2 = [
    `${row.method} ${path}${query && `?${query}`}`,
    ...example.headers.map(([name, value]) => `${name}: ${value}`),
    ...example.body ? ["", example.body.content.trimEnd(), ...example.body.cut ? ["…"] : []] : []
  ];
  return /* @__PURE__ */ a$1(Part, { title: "Example, redacted", children: /* @__PURE__ */ a$1("pre", { tabIndex: 0, children: lines2.join("\n") }) });
}
const SORTS = {
  path: (a2, b) => compare(a2.service, b.service) || compare(a2.path, b.path) || compare(a2.method, b.method),
  requests: (a2, b) => a2.requests - b.requests,
  last: (a2, b) => a2.last_seen - b.last_seen,
  method: (a2, b) => compare(a2.method, b.method),
  state: (a2, b) => compare(a2.state, b.state)
};
const compare = (a2, b) => a2 < b ? -1 : a2 > b ? 1 : 0;
function EndpointsView({ route }) {
  const known2 = useKnown();
  const { overview, endpoints } = known2;
  const { now, kind: kind2 } = overview;
  const service = route.view === "service" ? route.of : "";
  const [typed, setTyped] = d(route.parameters.get("q") ?? "");
  A(() => setTyped(route.parameters.get("q") ?? ""), [route]);
  const all = w(
    () => [...endpoints.values()].filter((one) => !service || one.service === service),
    [known2.change, service]
  );
  const sorting = route.parameters.get("sort") ?? "path";
  const shown = w(() => {
    const [name, down] = [sorting.replace(/^-/, ""), sorting.startsWith("-")];
    const by = SORTS[name] ?? SORTS["path"];
    const found = all.filter(wanted(route.parameters, now));
    found.sort((a2, b) => (down ? -1 : 1) * by(a2, b) || SORTS["path"](a2, b));
    return found;
  }, [all, route]);
  const line = overview.services.find((one) => one.service === service);
  const asTree = route.parameters.has("tree");
  const opened = route.parameters.get("endpoint") ?? "";
  const open = (id) => set(route, { endpoint: id === opened ? "" : id });
  const filtered = shown.length !== all.length;
  A(() => {
    const key = (event) => {
      if (event.key === "Escape" && opened) set(route, { endpoint: "" });
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [route]);
  return /* @__PURE__ */ a$1("div", { class: `browse ${opened ? "with-detail" : ""}`, children: [
    /* @__PURE__ */ a$1("div", { class: "list", children: [
      /* @__PURE__ */ a$1("div", { class: "title", children: [
        /* @__PURE__ */ a$1("h1", { children: service || "Endpoints" }),
        service && all.length > 0 && /* @__PURE__ */ a$1("p", { class: "downloads", children: [
          "OpenAPI: ",
          /* @__PURE__ */ a$1("a", { href: documentOf(service, "yaml"), children: "YAML" }),
          " ",
          /* @__PURE__ */ a$1("a", { href: documentOf(service, "json"), children: "JSON" })
        ] })
      ] }),
      service && line && /* @__PURE__ */ a$1("p", { class: "about", children: [
        plural(line.requests, "request"),
        kind2 !== "captures" && `, ${count(line.pushed)} pushed, ${count(line.waiting)} waiting`,
        line.set_aside > 0 && `, ${count(line.set_aside)} set aside`,
        line.unreadable && /* @__PURE__ */ a$1("span", { class: "bad", children: [
          ", not readable: ",
          line.unreadable
        ] }),
        line.why !== "-" && line.why && `; ${line.why}`
      ] }),
      /* @__PURE__ */ a$1("div", { class: "filters", role: "search", "aria-label": "Filters", children: [
        /* @__PURE__ */ a$1(
          "input",
          {
            type: "search",
            "aria-label": "Filter by path, method, label or finding",
            placeholder: "path, method, label, finding …",
            value: typed,
            onInput: (event) => {
              setTyped(event.currentTarget.value);
              set(route, { q: event.currentTarget.value }, true);
            }
          }
        ),
        Object.keys(CHOICES).map((choice) => /* @__PURE__ */ a$1(Select, { choice, all, route }, choice)),
        kind2 !== "captures" && /* @__PURE__ */ a$1("label", { class: "check", children: [
          /* @__PURE__ */ a$1(
            "input",
            {
              type: "checkbox",
              checked: route.parameters.has("new"),
              onChange: (event) => set(route, { new: event.currentTarget.checked ? "1" : "" })
            }
          ),
          "new in a day"
        ] }),
        /* @__PURE__ */ a$1("label", { class: "check", children: [
          /* @__PURE__ */ a$1(
            "input",
            {
              type: "checkbox",
              checked: asTree,
              onChange: (event) => set(route, { tree: event.currentTarget.checked ? "1" : "" })
            }
          ),
          "as a tree"
        ] }),
        /* @__PURE__ */ a$1("p", { class: "found", role: "status", children: [
          filtered ? `${count(shown.length)} of ${plural(all.length, "endpoint")}` : plural(all.length, "endpoint"),
          filtered && /* @__PURE__ */ a$1(
            "button",
            {
              type: "button",
              class: "quiet",
              onClick: () => set(route, { ...Object.fromEntries(Object.keys(CHOICES).map((one) => [one, ""])), q: "", new: "" }),
              children: "show all"
            }
          )
        ] })
      ] }),
      overview.left_out > 0 && /* @__PURE__ */ a$1("p", { class: "note", children: [
        plural(overview.left_out, "endpoint"),
        " found no room in this list."
      ] }),
      !all.length ? /* @__PURE__ */ a$1("p", { class: "none", children: !known2.whole ? "Asking …" : line?.unreadable ? "Nothing of this Service could be read; “What is not seen” says why." : "No endpoint was seen yet. Requests that come in now appear here by themselves." }) : !shown.length ? /* @__PURE__ */ a$1("p", { class: "none", children: "No endpoint is like this." }) : asTree ? /* @__PURE__ */ a$1(Tree, { endpoints: shown, service, opened, open }) : /* @__PURE__ */ a$1(Table, { endpoints: shown, service, opened, open, route, sorting })
    ] }),
    opened && /* @__PURE__ */ a$1(Detail, { id: opened, close: () => set(route, { endpoint: "" }) })
  ] });
}
function Select({ choice, all, route }) {
  const chosen = route.parameters.get(choice) ?? "";
  const known2 = w(() => values(choice, all), [all]);
  if (!chosen && known2.length < 2 && choice !== "label" && choice !== "finding") return null;
  if (!chosen && !known2.length) return null;
  const several = choice === "label" || choice === "finding";
  return /* @__PURE__ */ a$1(
    "select",
    {
      class: chosen ? "chosen" : "",
      "aria-label": CHOICES[choice].title,
      value: chosen,
      onChange: (event) => set(route, { [choice]: event.currentTarget.value }),
      children: [
        /* @__PURE__ */ a$1("option", { value: "", children: CHOICES[choice].title }),
        several && /* @__PURE__ */ a$1("option", { value: "any", children: "any" }),
        known2.map(([value, times]) => /* @__PURE__ */ a$1("option", { value, children: [
          value.replaceAll("_", " "),
          " (",
          count(times),
          ")"
        ] }, value)),
        chosen && chosen !== "any" && !known2.some(([value]) => value === chosen) && /* @__PURE__ */ a$1("option", { value: chosen, children: [
          chosen,
          " (0)"
        ] })
      ]
    }
  );
}
function cells(one, now) {
  return [
    /* @__PURE__ */ a$1(Statuses, { of: one.statuses }),
    /* @__PURE__ */ a$1("span", { class: `protection ${one.protection}`, title: one.credentials.join("; "), children: one.protection === "unknown" ? "" : one.protection }),
    /* @__PURE__ */ a$1(Labels, { of: one.labels }),
    one.findings.length ? /* @__PURE__ */ a$1("span", { class: `severity ${one.findings[0]?.split(" ")[0]}`, title: one.findings.join("\n"), children: one.findings.length }) : "",
    count(one.requests),
    ago(one.last_seen, now),
    /* @__PURE__ */ a$1(State, { of: one.state })
  ];
}
function Table({ endpoints, service, opened, open, route, sorting }) {
  const { fresh, overview } = useKnown();
  const head = (name, title, by, down = false) => ({
    name,
    title,
    ...by && {
      sort: () => set(route, { sort: sorting === by ? `-${by}` : sorting === `-${by}` || !down ? by : `-${by}` }),
      sorted: sorting === by ? "ascending" : sorting === `-${by}` ? "descending" : void 0
    }
  });
  return /* @__PURE__ */ a$1(
    Rows,
    {
      label: service ? `Endpoints of ${service}` : "Endpoints",
      layout: `of-endpoints${service ? "" : " all"}${overview.kind === "captures" ? " still" : ""}`,
      columns: [
        head("method", "Method", "method"),
        head("path", "Path", "path"),
        head("statuses", "Status"),
        head("protection", "Protection"),
        head("labels", "Sensitive"),
        head("findings", "Findings"),
        head("requests", "Requests", "requests", true),
        head("last", "Last seen", "last", true),
        head("state", "State", "state")
      ],
      items: endpoints,
      id: (one) => one.id,
      opened,
      open: (one) => open(one.id),
      mark: (one) => fresh.has(one.id) ? "fresh" : "",
      cells: (one) => [
        /* @__PURE__ */ a$1(Method, { of: one.method }),
        /* @__PURE__ */ a$1($, { children: [
          fresh.has(one.id) && /* @__PURE__ */ a$1("span", { class: "new", children: "new" }),
          !service && /* @__PURE__ */ a$1("span", { class: "service", children: one.service }),
          /* @__PURE__ */ a$1(Path, { of: one.path })
        ] }),
        ...cells(one, overview.now)
      ]
    },
    service
  );
}
function Tree({ endpoints, service, opened, open }) {
  const { fresh, overview } = useKnown();
  const [turned, setTurned] = d(/* @__PURE__ */ new Set());
  const items = w(() => lines(endpoints, turned, !service), [endpoints, turned]);
  const turn = (key) => {
    const next = new Set(turned);
    if (!next.delete(key)) next.add(key);
    setTurned(next);
  };
  const columns = ["path", "statuses", "protection", "labels", "findings", "requests", "last", "state"];
  const titles = ["Path", "Status", "Protection", "Sensitive", "Findings", "Requests", "Last seen", "State"];
  return /* @__PURE__ */ a$1(
    Rows,
    {
      label: service ? `Paths of ${service}` : "Paths",
      layout: `of-paths${overview.kind === "captures" ? " still" : ""}`,
      columns: columns.map((name, place) => ({ name, title: titles[place] })),
      items,
      id: (one) => one.key,
      opened,
      open: (one) => "name" in one ? turn(one.key) : open(one.key),
      fold: (one, wish) => "name" in one && one.open !== wish && turn(one.key),
      depth: (one) => "name" in one ? { level: one.level, expanded: one.open } : { level: one.level },
      mark: (one) => "name" in one ? "folder" : fresh.has(one.key) ? "fresh" : "",
      cells: (one) => {
        const indent = { paddingInlineStart: `${(one.level - 1) * 18}px` };
        if ("name" in one)
          return [
            /* @__PURE__ */ a$1("span", { class: "leaf", style: indent, children: [
              /* @__PURE__ */ a$1("span", { class: `fold ${one.open ? "open" : ""}`, "aria-hidden": "true" }),
              /* @__PURE__ */ a$1(Path, { of: one.name }),
              /* @__PURE__ */ a$1("span", { class: "number", children: count(one.endpoints) })
            ] }),
            ...Array(7).fill("")
          ];
        return [
          /* @__PURE__ */ a$1("span", { class: "leaf", style: indent, children: [
            /* @__PURE__ */ a$1(Method, { of: one.endpoint.method }),
            fresh.has(one.key) && /* @__PURE__ */ a$1("span", { class: "new", children: "new" }),
            one.endpoint.calls && /* @__PURE__ */ a$1("span", { class: "note", children: one.endpoint.calls })
          ] }),
          ...cells(one.endpoint, overview.now)
        ];
      }
    },
    service
  );
}
const SHOWN = 20;
function ExplainView({ route }) {
  const { overview } = useKnown();
  const subject = route.parameters.get("subject") ?? "";
  const [typed, setTyped] = d(subject);
  const [answer, setAnswer] = d(null);
  const [lost, setLost] = d("");
  A(() => {
    setTyped(subject);
    setAnswer(null);
    setLost("");
    if (!subject) return;
    const abort = new AbortController();
    askExplain(subject, abort.signal).then(setAnswer, (error) => abort.signal.aborted || setLost(error.message));
    return () => abort.abort();
  }, [subject]);
  return /* @__PURE__ */ a$1($, { children: [
    /* @__PURE__ */ a$1("h1", { children: "Explain" }),
    /* @__PURE__ */ a$1(
      "form",
      {
        class: "ask",
        role: "search",
        onSubmit: (event) => {
          event.preventDefault();
          set(route, { subject: typed.trim() });
        },
        children: [
          /* @__PURE__ */ a$1("label", { for: "subject", children: "A path, a URL, a Service or an address" }),
          /* @__PURE__ */ a$1("div", { children: [
            /* @__PURE__ */ a$1(
              "input",
              {
                id: "subject",
                type: "text",
                value: typed,
                placeholder: "GET /api/v1/users/7",
                spellcheck: false,
                autocomplete: "off",
                onInput: (event) => setTyped(event.currentTarget.value)
              }
            ),
            /* @__PURE__ */ a$1("button", { type: "submit", children: "Explain" })
          ] })
        ]
      }
    ),
    /* @__PURE__ */ a$1("div", { role: "status", children: [
      lost && /* @__PURE__ */ a$1("p", { class: "card none", children: lost }),
      answer?.notes.map((note) => /* @__PURE__ */ a$1("p", { class: "card warn", children: note }, note)),
      answer && /* @__PURE__ */ a$1("p", { class: "note", children: answer.endpoints.length ? plural(answer.endpoints.length, "endpoint") : "No endpoint like this was seen. Was there a request since the monitor started, to a Service that it knows?" })
    ] }),
    answer?.endpoints.slice(0, SHOWN).map((row) => /* @__PURE__ */ a$1("div", { class: "card", children: /* @__PURE__ */ a$1(Endpoint, { row, now: overview.now }) }, `${row.service ?? row.server} ${row.method} ${row.path}`)),
    answer && answer.endpoints.length > SHOWN && /* @__PURE__ */ a$1("p", { class: "note", children: [
      "and ",
      plural(answer.endpoints.length - SHOWN, "other"),
      ": a longer path means fewer"
    ] })
  ] });
}
function NodesView() {
  const { overview } = useKnown();
  return /* @__PURE__ */ a$1($, { children: [
    /* @__PURE__ */ a$1("h1", { children: "Nodes" }),
    !overview.nodes.length && /* @__PURE__ */ a$1("p", { class: "card none", children: overview.kind === "captures" ? "These are captures: no agent was asked." : "No agent runs here: this is what its store has." }),
    overview.nodes.map((node, place) => /* @__PURE__ */ a$1(OneNode, { of: node }, node.node ?? place))
  ] });
}
function OneNode({ of }) {
  const { waiting, oldest_seconds: oldest, set_aside: aside, superseded } = of.outbox;
  return /* @__PURE__ */ a$1($, { children: [
    of.errors.length > 0 && /* @__PURE__ */ a$1(Section, { title: of.node ? `Errors of ${of.node}` : "Errors", class: "bad", children: /* @__PURE__ */ a$1("ul", { class: "plain", children: of.errors.map((error) => /* @__PURE__ */ a$1("li", { children: error }, error)) }) }),
    /* @__PURE__ */ a$1("div", { class: "columns even", children: [
      /* @__PURE__ */ a$1(Section, { title: of.node ?? "This node", children: /* @__PURE__ */ a$1(
        Facts,
        {
          of: [
            ["Capture", of.capture],
            ["Frames", `${count(of.frames)}, ${count(of.kernel_drops)} dropped by the kernel`],
            ["Canary", of.canary],
            ["Connections", `${count(of.connections)}, ${bytes(of.connection_memory_bytes)}`],
            ["Endpoints", bytes(of.inventory_memory_bytes)],
            ["Queue", `${count(of.queue)} waiting`],
            ["Store", of.store],
            ["Names", of.names],
            ["Up", `${span(of.uptime_seconds)}, version ${of.version}`]
          ]
        }
      ) }),
      /* @__PURE__ */ a$1(Section, { title: "Platform", children: /* @__PURE__ */ a$1(
        Facts,
        {
          of: [
            ["Calls", of.platform],
            ["Key", of.key],
            [
              "Outbox",
              `${count(waiting)} waiting${oldest === null ? "" : `, the oldest for ${span(oldest)}`}, ${count(aside)} set aside, ${count(superseded)} superseded`
            ],
            ...of.last_errors.map((error, place) => [
              place ? "" : "Last errors",
              `${span(error.seconds_ago)} ago: ${error.text}`
            ])
          ]
        }
      ) })
    ] }),
    of.mappings.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Mappings", children: /* @__PURE__ */ a$1("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Mappings", children: /* @__PURE__ */ a$1("table", { children: [
      /* @__PURE__ */ a$1("thead", { children: /* @__PURE__ */ a$1("tr", { children: [
        /* @__PURE__ */ a$1("th", { children: "Service" }),
        /* @__PURE__ */ a$1("th", { children: "Application" }),
        /* @__PURE__ */ a$1("th", { children: "Instance" }),
        /* @__PURE__ */ a$1("th", { children: "From" }),
        /* @__PURE__ */ a$1("th", { children: "State" })
      ] }) }),
      /* @__PURE__ */ a$1("tbody", { children: of.mappings.map((line) => /* @__PURE__ */ a$1("tr", { children: [
        /* @__PURE__ */ a$1("td", { children: line.name }),
        /* @__PURE__ */ a$1("td", { children: line.application }),
        /* @__PURE__ */ a$1("td", { children: line.instance }),
        /* @__PURE__ */ a$1("td", { children: line.source }),
        /* @__PURE__ */ a$1("td", { children: line.state })
      ] }, line.source + line.name)) })
    ] }) }) }),
    of.set_aside.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Set aside", note: "The platform could not take these. `traffic-monitor retry` tries them again.", children: [
      /* @__PURE__ */ a$1("ul", { class: "plain", children: of.set_aside.map((line) => /* @__PURE__ */ a$1("li", { children: [
        /* @__PURE__ */ a$1("code", { children: line.endpoint }),
        " of ",
        line.service,
        ": ",
        line.reason
      ] }, line.service + line.endpoint)) }),
      aside > of.set_aside.length && /* @__PURE__ */ a$1("p", { class: "note", children: [
        "and ",
        plural(aside - of.set_aside.length, "other")
      ] })
    ] })
  ] });
}
function byService(endpoints, now) {
  const all = /* @__PURE__ */ new Map();
  for (const one of endpoints) {
    let of = all.get(one.service);
    if (!of) all.set(one.service, of = { findings: 0, fresh: 0 });
    of.findings += one.findings.length;
    of.fresh += Number(now - one.first_seen < DAY);
  }
  return all;
}
const worst = ["high", "medium", "low", "info"];
function kinds(endpoints) {
  const all = /* @__PURE__ */ new Map();
  for (const one of endpoints) for (const finding of one.findings) all.set(finding, (all.get(finding) ?? 0) + 1);
  const grave = (text) => worst.indexOf(text.split(" ")[0] ?? "");
  return [...all].sort(([a2, n2], [b, m2]) => grave(a2) - grave(b) || m2 - n2);
}
function OverviewView() {
  const known2 = useKnown();
  const { overview, endpoints } = known2;
  const { now, kind: kind2, services, unseen, nodes } = overview;
  const live = kind2 !== "captures";
  const of = w(() => byService(endpoints.values(), now), [known2.change]);
  const found = w(() => kinds(endpoints.values()), [known2.change]);
  const newest = w(
    () => [...endpoints.values()].sort((a2, b) => b.first_seen - a2.first_seen).slice(0, 8),
    [known2.change]
  );
  const sum = (value) => services.reduce((all, one) => all + value(one), 0);
  const fresh = [...of.values()].reduce((all, one) => all + one.fresh, 0);
  const unreadable = unseen.unreadable.flatMap((one) => one.reasons).reduce((all, one) => all + one.connections, 0);
  const errors = nodes.flatMap((node) => node.errors);
  return /* @__PURE__ */ a$1($, { children: [
    /* @__PURE__ */ a$1("h1", { children: "Overview" }),
    errors.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Needs someone", class: "bad", children: /* @__PURE__ */ a$1("ul", { class: "plain", children: errors.map((error) => /* @__PURE__ */ a$1("li", { children: error }, error)) }) }),
    /* @__PURE__ */ a$1("dl", { class: "tiles", children: [
      /* @__PURE__ */ a$1(Tile, { name: "Services", value: services.length }),
      /* @__PURE__ */ a$1(Tile, { name: "endpoints", value: endpoints.size, to: to("endpoints") }),
      live && /* @__PURE__ */ a$1(Tile, { name: "new in a day", value: fresh, to: to("endpoints", "", { new: "1" }) }),
      /* @__PURE__ */ a$1(Tile, { name: "requests", value: sum((one) => one.requests) }),
      /* @__PURE__ */ a$1(
        Tile,
        {
          name: "findings",
          value: found.reduce((all, [, times]) => all + times, 0),
          to: to("endpoints", "", { finding: "any" }),
          tone: found.some(([text]) => text.startsWith("high")) ? "bad" : void 0
        }
      ),
      /* @__PURE__ */ a$1(Tile, { name: "not readable", value: unreadable, to: to("unseen"), tone: unreadable ? "bad" : void 0 }),
      live && /* @__PURE__ */ a$1(Tile, { name: "on the platform", value: sum((one) => one.pushed) }),
      live && /* @__PURE__ */ a$1(Tile, { name: "waiting", value: sum((one) => one.waiting) })
    ] }),
    /* @__PURE__ */ a$1("div", { class: "columns", children: [
      /* @__PURE__ */ a$1(Section, { title: "Services", class: "wide", children: services.length ? /* @__PURE__ */ a$1(Services, { services, of, live }) : /* @__PURE__ */ a$1("p", { class: "none", children: "No Service was seen yet. Requests that come in now appear here by themselves." }) }),
      /* @__PURE__ */ a$1("div", { class: "side", children: [
        /* @__PURE__ */ a$1(ServiceMap, { services, of, live, nodes: nodes.length }),
        /* @__PURE__ */ a$1(Section, { title: "Findings", children: found.length ? /* @__PURE__ */ a$1("ul", { class: "links", children: found.map(([text, times]) => /* @__PURE__ */ a$1("li", { children: /* @__PURE__ */ a$1("a", { href: to("endpoints", "", { finding: text }), children: [
          /* @__PURE__ */ a$1("span", { class: `severity ${text.split(" ")[0]}`, children: text.split(" ")[0] }),
          /* @__PURE__ */ a$1("span", { children: text.split(" ").slice(1).join(" ").replaceAll("-", " ") }),
          /* @__PURE__ */ a$1("span", { class: "number", children: count(times) })
        ] }) }, text)) }) : /* @__PURE__ */ a$1("p", { class: "none", children: "None." }) }),
        /* @__PURE__ */ a$1(Section, { title: "Found last", children: newest.length ? /* @__PURE__ */ a$1("ul", { class: "links", children: newest.map((one) => /* @__PURE__ */ a$1("li", { class: known2.fresh.has(one.id) ? "fresh" : "", children: /* @__PURE__ */ a$1("a", { href: to("service", one.service, { endpoint: one.id }), children: [
          /* @__PURE__ */ a$1(Method, { of: one.method }),
          /* @__PURE__ */ a$1(Path, { of: one.path }),
          /* @__PURE__ */ a$1("span", { class: "number", children: ago(one.first_seen, now) })
        ] }) }, one.id)) }) : /* @__PURE__ */ a$1("p", { class: "none", children: "Nothing yet." }) })
      ] })
    ] })
  ] });
}
function Tile(props) {
  const value = /* @__PURE__ */ a$1("span", { class: `value ${props.tone ?? ""}`, children: count(props.value) });
  return /* @__PURE__ */ a$1("div", { class: "tile", children: [
    /* @__PURE__ */ a$1("dt", { children: props.name }),
    /* @__PURE__ */ a$1("dd", { children: props.to ? /* @__PURE__ */ a$1("a", { href: props.to, children: value }) : value })
  ] });
}
function Services({ services, of, live }) {
  const columns = [
    { name: "name", title: "Service" },
    { name: "requests", title: "Requests" },
    { name: "endpoints", title: "Endpoints" },
    ...live ? [{ name: "fresh", title: "New" }, { name: "push", title: "On the platform" }] : [],
    { name: "findings", title: "Findings" },
    { name: "why", title: "Note" }
  ];
  return /* @__PURE__ */ a$1(
    Rows,
    {
      label: "Services",
      layout: live ? "of-services" : "of-services still",
      columns,
      items: services,
      id: (one) => one.service,
      open: (one) => go(to("service", one.service)),
      cells: (one) => [
        /* @__PURE__ */ a$1("a", { href: to("service", one.service), tabIndex: -1, title: one.service, children: one.service }),
        count(one.requests),
        count(one.endpoints),
        ...live ? [count(of.get(one.service)?.fresh ?? 0), /* @__PURE__ */ a$1(Push, { of: one })] : [],
        /* @__PURE__ */ a$1("span", { class: of.get(one.service)?.findings ? "some" : "zero", children: count(of.get(one.service)?.findings ?? 0) }),
        /* @__PURE__ */ a$1("span", { class: "why", title: [one.unreadable, one.why].filter((text) => text && text !== "-").join("; "), children: [
          one.unreadable && /* @__PURE__ */ a$1("span", { class: "bad", children: [
            "not readable: ",
            one.unreadable,
            " "
          ] }),
          one.why === "-" ? "" : one.why
        ] })
      ]
    }
  );
}
function Push({ of }) {
  const all = Math.max(1, of.endpoints);
  const words = `${of.pushed} of ${plural(of.endpoints, "endpoint")} pushed, ${of.waiting} waiting, ${of.set_aside} set aside`;
  return /* @__PURE__ */ a$1("span", { class: "push", role: "img", "aria-label": words, title: words, children: [
    /* @__PURE__ */ a$1("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", children: [
      /* @__PURE__ */ a$1("rect", { class: "all", width: "100", height: "8" }),
      /* @__PURE__ */ a$1("rect", { class: "good", width: 100 * of.pushed / all, height: "8" }),
      /* @__PURE__ */ a$1("rect", { class: "going", x: 100 * of.pushed / all, width: 100 * of.waiting / all, height: "8" })
    ] }),
    count(of.pushed)
  ] });
}
const MAPPED = 400;
function ServiceMap({ services, of, live, nodes }) {
  const sorted = [...services].sort((a2, b) => b.requests - a2.requests).slice(0, MAPPED);
  const look = (one) => {
    if (!one.endpoints) return one.unreadable ? "dark" : "off";
    if (of.get(one.service)?.findings) return "warn";
    if (live && !one.mapped) return "off";
    return live && one.waiting ? "going" : "good";
  };
  const words = {
    good: live ? "all pushed" : "read",
    going: "waiting",
    warn: "findings",
    off: live ? "not mapped, or silent" : "silent",
    dark: "not readable"
  };
  const used = Object.keys(words).filter((name) => sorted.some((one) => look(one) === name));
  return /* @__PURE__ */ a$1(Section, { title: live && nodes ? `Map of ${plural(nodes, "node")}` : "Map", children: [
    /* @__PURE__ */ a$1("div", { class: "map", children: sorted.map((one) => /* @__PURE__ */ a$1(
      "a",
      {
        href: to("service", one.service),
        class: `place ${look(one)} size${Math.min(4, Math.floor(Math.log10(one.requests + 1)))}`,
        title: `${one.service}: ${plural(one.requests, "request")}, ${words[look(one)]}`,
        children: one.service.split("/").pop()
      },
      one.service
    )) }),
    /* @__PURE__ */ a$1("ul", { class: "key", children: used.map((name) => /* @__PURE__ */ a$1("li", { children: [
      /* @__PURE__ */ a$1("span", { class: `dot ${name}` }),
      words[name]
    ] }, name)) })
  ] });
}
const SERVERS = 200;
function UnseenView() {
  const { overview, endpoints, change } = useKnown();
  const { unseen, kind: kind2 } = overview;
  const byAddress = w(
    () => new Set([...endpoints.values()].filter((one) => !one.named).map((one) => one.service)).size,
    [change]
  );
  const nothing = !unseen.unreadable.length && !unseen.nameless_requests && !unseen.ambiguous.length && !unseen.unselected_pods.length;
  return /* @__PURE__ */ a$1($, { children: [
    /* @__PURE__ */ a$1("h1", { children: "What is not seen" }),
    unseen.remarks.map((remark) => /* @__PURE__ */ a$1("p", { class: "card warn", children: remark }, remark)),
    nothing && !unseen.remarks.length && /* @__PURE__ */ a$1("p", { class: "card none", children: "No connection was seen that cannot be read." }),
    byAddress > 0 && /* @__PURE__ */ a$1("p", { class: "card warn", children: [
      plural(byAddress, "server"),
      " ",
      byAddress === 1 ? "is" : "are",
      " listed by address: no name is known.",
      kind2 === "captures" && " `--services FILE` gives names."
    ] }),
    unseen.unreadable.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Connections that cannot be read", note: "The Services were asked, and what was asked is not known.", children: /* @__PURE__ */ a$1("table", { children: [
      /* @__PURE__ */ a$1("thead", { children: /* @__PURE__ */ a$1("tr", { children: [
        /* @__PURE__ */ a$1("th", { children: "Service" }),
        /* @__PURE__ */ a$1("th", { children: "Connections" }),
        /* @__PURE__ */ a$1("th", { children: "Why, and what to do" })
      ] }) }),
      /* @__PURE__ */ a$1("tbody", { children: unseen.unreadable.flatMap((line) => [
        ...line.reasons.map((reason) => /* @__PURE__ */ a$1("tr", { children: [
          /* @__PURE__ */ a$1("td", { children: /* @__PURE__ */ a$1("a", { href: to("service", line.service), children: line.service }) }),
          /* @__PURE__ */ a$1("td", { class: "number", children: count(reason.connections) }),
          /* @__PURE__ */ a$1("td", { children: [
            reason.label,
            reason.label === "tls" && line.server_names.length > 0 && /* @__PURE__ */ a$1("small", { children: [
              " ",
              "for ",
              line.server_names.join(", "),
              line.protocols.length > 0 && ` (${line.protocols.join(", ")})`
            ] }),
            /* @__PURE__ */ a$1("p", { class: "note", children: reason.remedy })
          ] })
        ] }, line.service + reason.label)),
        line.older && /* @__PURE__ */ a$1("tr", { children: [
          /* @__PURE__ */ a$1("td", { children: /* @__PURE__ */ a$1("a", { href: to("service", line.service), children: line.service }) }),
          /* @__PURE__ */ a$1("td", {}),
          /* @__PURE__ */ a$1("td", { children: line.older })
        ] }, `${line.service} older`)
      ]) })
    ] }) }),
    unseen.nameless_requests > 0 && /* @__PURE__ */ a$1(
      Section,
      {
        title: "Servers without a name",
        note: `${plural(unseen.nameless_requests, "request")} went to servers that belong to no known Service${kind2 === "captures" ? "; their endpoints are listed by address" : ": their endpoints are not kept"}.`,
        children: [
          /* @__PURE__ */ a$1("table", { children: [
            /* @__PURE__ */ a$1("thead", { children: /* @__PURE__ */ a$1("tr", { children: [
              /* @__PURE__ */ a$1("th", { children: "Server" }),
              /* @__PURE__ */ a$1("th", { children: "Requests" }),
              /* @__PURE__ */ a$1("th", { children: "What it is" })
            ] }) }),
            /* @__PURE__ */ a$1("tbody", { children: unseen.nameless.slice(0, SERVERS).map((line) => /* @__PURE__ */ a$1("tr", { children: [
              /* @__PURE__ */ a$1("td", { children: line.server }),
              /* @__PURE__ */ a$1("td", { class: "number", children: count(line.requests) }),
              /* @__PURE__ */ a$1("td", { children: line.says })
            ] }, line.server)) })
          ] }),
          unseen.nameless.length > SERVERS && /* @__PURE__ */ a$1("p", { class: "note", children: [
            "and ",
            plural(unseen.nameless.length - SERVERS, "other")
          ] })
        ]
      }
    ),
    unseen.ambiguous.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Services that nothing tells apart", children: /* @__PURE__ */ a$1("ul", { class: "plain", children: unseen.ambiguous.map((line) => /* @__PURE__ */ a$1("li", { children: [
      plural(line.requests, "request"),
      ": ",
      line.says
    ] }, line.services.join())) }) }),
    unseen.unselected_pods.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Pods that no Service selects", note: "Their endpoints have no name, and are not kept.", children: /* @__PURE__ */ a$1("ul", { class: "plain names", children: unseen.unselected_pods.map((pod) => /* @__PURE__ */ a$1("li", { children: pod }, pod)) }) }),
    unseen.accounts.length > 0 && /* @__PURE__ */ a$1(Section, { title: "Accounts", note: "What was seen is the sum of the ways that it went. Nothing is lost without a word.", children: [
      /* @__PURE__ */ a$1("div", { class: "accounts", children: unseen.accounts.map((account) => /* @__PURE__ */ a$1("div", { class: "account", children: [
        /* @__PURE__ */ a$1("h3", { children: [
          account.name.replaceAll("_", " "),
          " ",
          /* @__PURE__ */ a$1("span", { class: "number", children: count(account.seen) }),
          !account.balanced && /* @__PURE__ */ a$1("span", { class: "bad", children: " does not add up" })
        ] }),
        /* @__PURE__ */ a$1("ul", { class: "bars", children: account.ways.map(([way, times]) => /* @__PURE__ */ a$1("li", { children: [
          /* @__PURE__ */ a$1("span", { children: way.replaceAll("_", " ") }),
          /* @__PURE__ */ a$1("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true", children: /* @__PURE__ */ a$1("rect", { width: account.seen ? 100 * times / account.seen : 0, height: "6" }) }),
          /* @__PURE__ */ a$1("span", { class: "number", children: count(times) })
        ] }, way)) })
      ] }, account.name)) }),
      unseen.notes.length > 0 && /* @__PURE__ */ a$1("p", { class: "note", children: [
        "Also: ",
        unseen.notes.map(([what, times]) => `${what.replaceAll("_", " ")} ${count(times)}`).join(", "),
        "."
      ] }),
      unseen.not_read.length > 0 && /* @__PURE__ */ a$1("p", { class: "note", children: [
        "Not read: ",
        unseen.not_read.map(([what, times]) => `${count(times)} ${what}`).join(", "),
        "."
      ] })
    ] })
  ] });
}
const VIEWS = [
  ["", "Overview"],
  ["endpoints", "Endpoints"],
  ["unseen", "What is not seen"],
  ["explain", "Explain"],
  ["nodes", "Nodes"]
];
function Page() {
  const route = useRoute();
  const known2 = useKnown();
  const { overview, lost } = known2;
  const search = T(null);
  const main = T(null);
  const searched = route.view === "endpoints" ? route.parameters.get("q") ?? "" : "";
  const [typed, setTyped] = d(searched);
  A(() => setTyped(searched), [searched]);
  const name = route.view === "service" ? route.of : VIEWS.find(([view]) => view === route.view)?.[1] ?? "Overview";
  A(() => {
    document.title = `${name} · Traffic Monitor`;
  }, [name]);
  A(() => scrollTo(0, 0), [route.view, route.of]);
  A(() => {
    const key = (event) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        search.current?.focus();
      }
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  const trouble = lost ? `The program does not answer any more (${lost}). This is what was known last.` : overview.trouble;
  return /* @__PURE__ */ a$1($, { children: [
    /* @__PURE__ */ a$1(
      "a",
      {
        class: "skip",
        href: "#main",
        onClick: (event) => {
          event.preventDefault();
          main.current?.focus();
        },
        children: "To the content"
      }
    ),
    /* @__PURE__ */ a$1("header", { class: "top", children: [
      /* @__PURE__ */ a$1("a", { class: "brand", href: to(""), children: [
        /* @__PURE__ */ a$1("img", { src: "./icon.svg", alt: "", width: "24", height: "24" }),
        " Traffic Monitor"
      ] }),
      /* @__PURE__ */ a$1("nav", { "aria-label": "Views", children: VIEWS.map(([view, title]) => /* @__PURE__ */ a$1(
        "a",
        {
          href: to(view),
          "aria-current": route.view === view || view === "endpoints" && route.view === "service" ? "page" : void 0,
          children: title
        },
        view
      )) }),
      /* @__PURE__ */ a$1(
        "form",
        {
          class: "search",
          role: "search",
          "aria-label": "Everything",
          onSubmit: (event) => {
            event.preventDefault();
            go(to("endpoints", "", typed ? { q: typed } : {}));
          },
          children: /* @__PURE__ */ a$1(
            "input",
            {
              ref: search,
              type: "search",
              "aria-label": "Search all endpoints",
              placeholder: "Search all endpoints  /",
              value: typed,
              onInput: (event) => setTyped(event.currentTarget.value)
            }
          )
        }
      ),
      /* @__PURE__ */ a$1("p", { class: `live ${trouble ? "lost" : overview.kind}`, title: overview.name, children: [
        /* @__PURE__ */ a$1("span", { class: "dot", "aria-hidden": "true" }),
        /* @__PURE__ */ a$1("span", { children: trouble ? "not answered" : overview.kind === "agent" ? "live" : overview.kind || "asking" })
      ] })
    ] }),
    /* @__PURE__ */ a$1("main", { id: "main", ref: main, tabIndex: -1, children: [
      trouble && /* @__PURE__ */ a$1("p", { class: "card bad", role: "alert", children: trouble }),
      known2.change === 0 ? /* @__PURE__ */ a$1("p", { class: "none", children: "Asking …" }) : route.view === "endpoints" || route.view === "service" ? /* @__PURE__ */ a$1(EndpointsView, { route }) : route.view === "unseen" ? /* @__PURE__ */ a$1(UnseenView, {}) : route.view === "explain" ? /* @__PURE__ */ a$1(ExplainView, { route }) : route.view === "nodes" ? /* @__PURE__ */ a$1(NodesView, {}) : /* @__PURE__ */ a$1(OverviewView, {})
    ] }),
    /* @__PURE__ */ a$1("footer", { children: overview.kind && /* @__PURE__ */ a$1($, { children: [
      overview.kind === "agent" ? "the agent of" : overview.kind === "store" ? "the store in" : "read from",
      " ",
      overview.name,
      " · version ",
      overview.version,
      " · redacted · this page asks nobody else"
    ] }) })
  ] });
}
const root = document.getElementById("page");
if (root) Q(/* @__PURE__ */ a$1(Page, {}), root);
begin();
