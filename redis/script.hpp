#pragma once

#include <string_view>

namespace postern::redis {

// A script in Lua. The text must live as long as any client that runs it: a literal, or a constant
// built of literals. It is sent whole only to a server that does not have it.
class Script {
 public:
    constexpr explicit Script(const char* lua) : text_{lua} {}
    constexpr std::string_view text() const { return text_; }

 private:
    std::string_view text_;
};

}  // namespace postern::redis
