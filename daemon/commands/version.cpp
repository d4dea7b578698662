#include "daemon/commands/version.hpp"

#include "daemon/commands/common.hpp"

#include <boost/version.hpp>
#include <openssl/crypto.h>

#include <array>
#include <utility>

namespace postern::daemon::commands {
namespace {

std::string boost_version() {
    std::string text = std::to_string(BOOST_VERSION / 100'000);
    text += '.';
    text += std::to_string(BOOST_VERSION / 100 % 1000);
    text += '.';
    text += std::to_string(BOOST_VERSION % 100);
    return text;
}

}  // namespace

std::string version_text() {
    const std::array<std::pair<std::string_view, std::string>, 4> lines = {{
        {"postern", POSTERN_VERSION},
        {"compiler", std::string{"GCC "} + __VERSION__},
        {"Boost", boost_version()},
        {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
    }};
    std::string text;
    for (const auto& [name, version] : lines) {
        text += name;
        text += ' ';
        text += version;
        text += '\n';
    }
    return text;
}

int run_version() {
    print(version_text());
    return kExitFine;
}

}  // namespace postern::daemon::commands
