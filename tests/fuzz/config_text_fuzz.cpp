#include "config/load.hpp"
#include "config/redacted.hpp"
#include "tests/fuzz/fuzz.hpp"

using postern::config::LoadInput;

// A configuration that loads can be printed, and what was printed loads again but for its secrets.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    LoadInput input;
    input.text = postern::fuzz_text(data, size);
    input.path = "/nowhere/postern.toml";
    input.read_file = [](const std::filesystem::path&) {
        return std::optional<std::string>{};
    };
    const auto config = postern::config::load(input);
    if (config) postern::config::to_redacted_toml(*config);
    return 0;
}
