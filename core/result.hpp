#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace postern {

// The world is unkind, as expected: E is a plain enum or struct of ours, so that .value() does not
// compile and every caller has to look before it takes.
template <class T, class E>
using Result = boost::system::result<T, E>;

// A failure whose whole meaning is the sentence it shows to the person who must act.
struct Complaint {
    std::string message;
    bool operator==(const Complaint&) const = default;
};

}  // namespace postern
