"""What is for sale: airports, cabins, flights; knows no customer."""
