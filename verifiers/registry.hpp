#pragma once

#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

#include <span>
#include <string_view>

namespace postern::verifiers {

struct ProviderKind {
    std::string_view name;  // `kind` in the configuration
    std::string_view display_name;
    MakeProvider make;
    MakeSample sample;
    MakeSandboxSettings sandbox_settings;
};

std::span<const ProviderKind> provider_kinds();
const ProviderKind* find_provider_kind(std::string_view name);

}  // namespace postern::verifiers
