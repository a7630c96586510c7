// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

contract Token {
    mapping(address => uint256) public balances;
    uint256 public transfers;

    function fill(uint256 from, uint256 to) external {
        for (uint160 i = uint160(from); i <= to; i++) balances[address(i)] = 1000000;
    }

    function run(uint256 count) external returns (uint256) {
        for (uint256 i = 0; i < count; i++) {
            address from = address(uint160((i * 7) % 1000 + 1));
            address to = address(uint160((i * 13) % 1000 + 1));
            require(balances[from] >= 1);
            balances[from] -= 1;
            balances[to] += 1;
            transfers++;
        }
        return transfers;
    }
}
