#include "redis/reply.hpp"

namespace postern::redis {
namespace {

std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find(' '));
}

}  // namespace

// Before version 7 a script's error reads "ERR Error running script (…): …: -READONLY You can't …".
std::string_view error_code(std::string_view error) {
    if (error.starts_with("ERR Error running script")) {
        const std::size_t inner = error.rfind(": -");
        if (inner != std::string_view::npos) return first_word(error.substr(inner + 3));
    }
    return first_word(error);
}

ServerState server_state(std::string_view error) {
    constexpr std::string_view unfit[] = {"READONLY", "MASTERDOWN", "LOADING", "NOAUTH"};
    constexpr std::string_view hindered[] = {
        "BUSY", "OOM", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN", "UNKILLABLE"};
    const std::string_view code = error_code(error);
    for (const std::string_view word : unfit) {
        if (code == word) return ServerState::unfit;
    }
    for (const std::string_view word : hindered) {
        if (code == word) return ServerState::hindered;
    }
    return ServerState::fine;
}

}  // namespace postern::redis
