#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postern::net {

namespace asio = boost::asio;

// One executor type, the concrete one: a type-erased executor costs a tenth of the request rate.
using Executor = asio::io_context::executor_type;

template <class T>
using Task = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> kAwait{};
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kAwaitTuple{kAwait};

}  // namespace postern::net
