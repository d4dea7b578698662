#include "daemon/commands/version.hpp"

#include "core/json_writer.hpp"
#include "daemon/version.hpp"

#include <boost/version.hpp>
#include <openssl/crypto.h>

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

std::vector<ProgramPart> program_parts() {
    return {
        {"postern", std::string{kVersion}},
        {"compiler", std::string{"GCC "} + __VERSION__},
        {"Boost", boost_version()},
        {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)},
    };
}

std::string version_json() {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    for (const ProgramPart& part : program_parts()) writer.member(part.name, part.version);
    writer.end_object();
    json += '\n';
    return json;
}

std::string version_text() {
    std::string text;
    for (const ProgramPart& part : program_parts()) {
        text += part.name;
        text += ' ';
        text += part.version;
        text += '\n';
    }
    return text;
}

int run_version(Output output) {
    print(output == Output::json ? version_json() : version_text());
    return kExitFine;
}

}  // namespace postern::daemon::commands
